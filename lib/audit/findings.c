#include "audit/findings.h"

#include "base/memory.h"

struct place
finder_place(const struct finder *f, struct image_source source)
{
    return (struct place){image_file(f->image, source.file), source.line,
                          source.column};
}

/* Why the policy accepts findings of this id; NULL if it does not. */
static const char *
acceptance(const struct finder *f, enum finding id)
{
    size_t count = image_count(f->image, SECTION_ACCEPTED);
    for (uint32_t i = 0; i < count; i++) {
        const struct image_accepted *accepted =
            image_record(f->image, SECTION_ACCEPTED, i, sizeof *accepted);
        if (accepted && accepted->id == (uint32_t)id)
            return image_string(f->image, accepted->reason);
    }
    return NULL;
}

void
finder_settle(struct finder *f, enum finding id, const char *witness)
{
    const char *reason = acceptance(f, id);
    if (witness)
        report_set_witness(f->report, witness);
    if (reason)
        report_accept(f->report, reason);
}

/* -- verdicts ----------------------------------------------------------- */

static void
find_open(struct finder *f)
{
    const struct verdict *verdict =
        &f->audit->verdicts.of[MAYRELAY_SOURCE_STRANGER];
    if (verdict->value != MAYRELAY_AUDIT_OPEN || !verdict->rule)
        return;
    report_add(f->report, FINDING_RELAY_OPEN,
               finder_place(f, verdict->rule->source),
               "name the networks that are yours, or ask for an account; "
               "`--trust NETWORK` says what is yours",
               "'%s' makes this an open relay: anybody on the Internet may "
               "send anything to anybody",
               image_string(f->image, verdict->rule->name));
    finder_settle(f, FINDING_RELAY_OPEN, verdict->witness);
}

static void
find_incomplete(struct finder *f)
{
    struct place whole = {image_file(f->image, 0), 0, 0};
    if (!f->surface->over_budget)
        return;
    report_add(f->report, FINDING_AUDIT_INCOMPLETE, whole,
               "fewer lists that overlap, or rules that look at fewer things, "
               "make it smaller",
               "the policy combines in more ways than the audit looks at: "
               "nothing is proven");
    finder_settle(f, FINDING_AUDIT_INCOMPLETE, NULL);
}

/* A bug of ours is nothing that a policy can accept. */
static void
find_disagreement(struct finder *f)
{
    struct place whole = {image_file(f->image, 0), 0, 0};
    const char *dialogue = f->audit->verdicts.disagreement;
    if (!dialogue)
        return;
    report_add(f->report, FINDING_AUDIT_DISAGREES, whole,
               "this is a bug in mayrelay: please report it, with the policy",
               "the evaluator refuses what the audit says that it accepts: "
               "nothing is proven");
    report_set_witness(f->report, dialogue);
}

/* What is accepted, but was not found: the reason may be out of date. */
static void
find_idle_acceptances(struct finder *f)
{
    size_t count = image_count(f->image, SECTION_ACCEPTED);
    for (uint32_t i = 0; i < count; i++) {
        const struct image_accepted *accepted =
            image_record(f->image, SECTION_ACCEPTED, i, sizeof *accepted);
        if (!accepted || report_has(f->report, (enum finding)accepted->id))
            continue;
        report_add(f->report, FINDING_ACCEPTED_IDLE,
                   finder_place(f, accepted->source), "take it out",
                   "MR%u is accepted, but there is no such finding",
                   accepted->id);
    }
}

bool
findings_find(const struct mayrelay_audit *audit,
              struct mayrelay_report *report)
{
    struct finder f = {.audit = audit,
                       .surface = &audit->surface,
                       .image = audit->image,
                       .report = report};
    find_incomplete(&f);
    find_disagreement(&f);
    if (!f.surface->over_budget) {
        f.anonymous = mark_grants(f.surface, (struct means){.anonymous = true});
        f.plain_account =
            mark_grants(f.surface, (struct means){.any_identity = true,
                                                  .listed_identity = true,
                                                  .groups = true,
                                                  .no_tls = true});
        struct cover_wish all = {.to = f.surface->count};
        struct cover_wish anonymous = {.marks = f.anonymous,
                                       .to = f.surface->count,
                                       .public_only = true,
                                       .internal_only = true};
        f.failed |= !f.anonymous || !f.plain_account ||
                    !cover_build(&f.relaying, f.surface, all) ||
                    !cover_build(&f.anonymous_inside, f.surface, anonymous);
        find_open(&f);
    }
    if (!f.surface->over_budget && !f.failed) {
        find_clients(&f);
        find_rules(&f);
        find_domains(&f);
        find_idle_acceptances(&f);
    }
    cover_clear(&f.relaying);
    cover_clear(&f.anonymous_inside);
    memory_free(f.anonymous);
    memory_free(f.plain_account);
    return !f.failed;
}
