#include "advise/radius.h"

#include "audit/audit.h"
#include "audit/cover.h"
#include "base/memory.h"
#include "base/output.h"
#include "image/provenance.h"

/* -- verdicts ----------------------------------------------------------- */

/* The lower, the worse (enum mayrelay_audit_verdict). */
static void
compare_verdicts(struct radius *radius, const mayrelay_audit *before,
                 const mayrelay_audit *after)
{
    struct output out = output_to(radius->warning, sizeof radius->warning);
    for (int i = 0; i < SOURCES; i++) {
        enum mayrelay_audit_source source = (enum mayrelay_audit_source)i;
        enum mayrelay_audit_verdict was =
            mayrelay_audit_get_verdict(before, source);
        enum mayrelay_audit_verdict is =
            mayrelay_audit_get_verdict(after, source);
        if (is >= was)
            continue;
        output_format(&out, "%sthe audit says %s of %s, no longer %s",
                      out.size ? "; " : "", mayrelay_audit_verdict_name(is),
                      mayrelay_audit_source_name(source),
                      mayrelay_audit_verdict_name(was));
        radius->opens_relay |= source == MAYRELAY_SOURCE_STRANGER;
    }
}

/* -- clients ------------------------------------------------------------ */

/* The clients that may relay by such means, wherever they connect to. */
static bool
clients_who(struct cover *cover, const struct mayrelay_audit *audit,
            struct means means)
{
    const struct surface *surface = &audit->surface;
    bool *marks = mark_grants(surface, means);
    struct cover_wish wish = {.marks = marks, .to = surface->count};
    bool good = marks && cover_build(cover, surface, wish);
    memory_free(marks);
    return good;
}

static double
addresses_in(struct range range)
{
    return (double)(range.last.high - range.first.high) * 0x1p64 +
           ((double)range.last.low - (double)range.first.low) + 1;
}

/* How many clients of the one are not among the other. */
static double
count_more(const struct cover *some, const struct cover *others)
{
    double count = 0;
    for (size_t i = 0; i < some->count; i++) {
        struct range rest = some->ranges[i];
        bool more = true;
        size_t o = ranges_find(others->ranges, others->count, rest.first);
        for (; more && o < others->count &&
               range_overlaps(others->ranges[o], rest);
             o++) {
            struct range other = others->ranges[o];
            struct range before = {rest.first, rest.first};
            if (address_compare(rest.first, other.first) < 0 &&
                address_previous(other.first, &before.last))
                count += addresses_in(before);
            more = address_compare(other.last, rest.last) < 0 &&
                   address_next(other.last, &rest.first);
        }
        count += more ? addresses_in(rest) : 0;
    }
    return count;
}

static void
say_count(struct output *out, const char *verb, double count, const char *one,
          const char *who)
{
    if (count < 1)
        return;
    output_format(out, "%s%s %.15g %s%s %s", out->size ? "; " : "", verb, count,
                  one, count < 2 ? "" : "es", who);
}

static bool
compare_clients(struct radius *radius, struct output *out,
                const struct mayrelay_audit *before,
                const struct mayrelay_audit *after, struct means means,
                const char *who)
{
    struct cover was = {0};
    struct cover is = {0};
    bool good =
        clients_who(&was, before, means) && clients_who(&is, after, means);
    double opened = good ? count_more(&is, &was) : 0;
    double closed = good ? count_more(&was, &is) : 0;
    cover_clear(&was);
    cover_clear(&is);
    radius->size += opened + closed;
    say_count(out, "opens", opened, "address", who);
    say_count(out, "closes", closed, "address", who);
    return good;
}

/* -- domains ------------------------------------------------------------ */

static size_t
count_domains(const struct image *image, enum extra_list class)
{
    uint32_t first = (uint32_t)image_count(image, SECTION_LISTS) - EXTRA_LISTS;
    struct provenance stream =
        provenance_of_list(image, first + (uint32_t) class);
    struct provenance_item item;
    size_t count = 0;
    while (provenance_next(&stream, &item))
        count++;
    return count;
}

/* A domain more is one for every client that may submit. */
static void
compare_domains(struct radius *radius, struct output *out,
                const struct image *before, const struct image *after,
                enum extra_list class, const char *what)
{
    size_t was = count_domains(before, class);
    size_t is = count_domains(after, class);
    if (is <= was)
        return;
    radius->size += (double)(is - was) * 0x1p32;
    output_format(out, "%sopens %zu %s to whoever may submit",
                  out->size ? "; " : "", is - was, what);
}

bool
radius_measure(struct radius *radius, const mayrelay_audit *before,
               mayrelay_policy *after)
{
    static const struct means ANONYMOUS = {.anonymous = true};
    static const struct means ACCOUNT = {.any_identity = true,
                                         .listed_identity = true};
    mayrelay_audit *audit = mayrelay_policy_audit(after, NULL, NULL);
    struct output out = output_to(radius->text, sizeof radius->text);
    if (!audit)
        return false;
    compare_verdicts(radius, before, audit);
    bool good = compare_clients(radius, &out, before, audit, ANONYMOUS,
                                "to anonymous relaying") &&
                compare_clients(radius, &out, before, audit, ACCOUNT,
                                "to accounts that relay");
    compare_domains(radius, &out, before->image, audit->image,
                    EXTRA_ALWAYS_RELAY, "foreign domain");
    compare_domains(radius, &out, before->image, audit->image, EXTRA_INBOUND,
                    "domain of ours");
    if (!out.size)
        output_string(&out, "no client relays that could not relay before");
    mayrelay_audit_free(audit);
    return good;
}
