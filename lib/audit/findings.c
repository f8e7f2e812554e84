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

bool
entrance_is_public(const struct entrance *entrance)
{
    struct address address = entrance->listener.address;
    return address.family == ADDRESS_NONE ||
           !range_is_internal((struct range){address, address});
}

bool
grant_meets(const struct grant *grant, struct range range)
{
    size_t low = 0;
    size_t high = grant->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(grant->ranges[middle].last, range.first) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < grant->count && range_overlaps(grant->ranges[low], range);
}

/* -- who may relay in a grant ------------------------------------------- */

static bool *
mark(struct finder *f, struct means means)
{
    const struct surface *s = f->surface;
    bool *marks = memory_new(s->count, sizeof *marks);
    for (size_t c = 0; marks && c < s->connectors; c++) {
        struct search search;
        bool ready = search_init(&search, &s->diagrams[c], means);
        f->failed |= !ready;
        for (size_t i = 0; ready && i < s->count; i++)
            if (s->grants[i].connector == c)
                marks[i] = search_any(&search, s->grants[i].leads);
        search_clear(&search);
    }
    f->failed |= !marks;
    return marks;
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
    if (!f.surface->over_budget) {
        f.anonymous = mark(&f, (struct means){.anonymous = true});
        f.plain_account = mark(&f, (struct means){.any_identity = true,
                                                  .listed_identity = true,
                                                  .groups = true,
                                                  .no_tls = true});
        find_open(&f);
    }
    if (!f.surface->over_budget && !f.failed) {
        find_clients(&f);
        find_rules(&f);
        find_domains(&f);
        find_idle_acceptances(&f);
    }
    memory_free(f.anonymous);
    memory_free(f.plain_account);
    return !f.failed;
}
