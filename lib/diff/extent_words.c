#include "diff/describe.h"
#include "diff/extent.h"

enum {
    WORDS_MOST = 3
};

/* In whose eyes: of what is lost, those of the old policy. */
static const struct view *
view(const struct extent *extent, const struct reached *reached, uint32_t cell)
{
    enum side side = extent->effect == MAYRELAY_DIFF_LOST ? OLD : NEW;
    return &cells_key(reached->cells, cell)->views[side];
}

/* -- addresses ------------------------------------------------------------ */

struct amount {
    double ipv4, ipv6;
};

static void
amount_add(struct amount *amount, struct range range)
{
    double count = (double)(range.last.high - range.first.high) * 0x1p64 +
                   ((double)range.last.low - (double)range.first.low) + 1;
    if (range.first.family == ADDRESS_IPV4)
        amount->ipv4 += count;
    else
        amount->ipv6 += count;
}

static double
amount_sum(struct amount amount)
{
    return amount.ipv4 + amount.ipv6;
}

static struct amount
count_clients(const struct extent *extent)
{
    struct amount amount = {0, 0};
    for (size_t i = 0; i < extent->client_count; i++)
        amount_add(&amount, extent->clients[i]);
    return amount;
}

/* Those between the clients, of both families. */
static struct amount
count_others(const struct extent *extent)
{
    const struct range families[] = {RANGE_ALL_IPV4, RANGE_ALL_IPV6};
    struct amount amount = {0, 0};
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        struct range rest = families[f];
        bool more = true;
        for (size_t i = 0; i < extent->client_count && more; i++) {
            struct range client = extent->clients[i];
            struct range before = {rest.first, rest.first};
            if (!range_holds(rest, client))
                continue;
            if (address_compare(rest.first, client.first) < 0 &&
                address_previous(client.first, &before.last))
                amount_add(&amount, before);
            more = address_next(client.last, &rest.first) &&
                   address_compare(rest.first, rest.last) <= 0;
        }
        if (more)
            amount_add(&amount, rest);
    }
    return amount;
}

/* Of IPv6 what is large is counted in networks. */
static void
write_amount(struct output *out, struct amount amount, const char *one,
             const char *many)
{
    bool networks = amount.ipv6 >= 0x1p64;
    double count = networks ? amount.ipv4 : amount_sum(amount);
    if (count > 0)
        output_format(out, "%.15g%s", count, count < 2 ? one : many);
    if (networks)
        output_format(out, "%s%.15g IPv6 /64", count > 0 ? " and " : "",
                      amount.ipv6 / 0x1p64);
}

static void
write_clients(struct output *out, const struct extent *extent)
{
    struct amount clients = count_clients(extent);
    struct amount others = count_others(extent);
    if (amount_sum(others) >= amount_sum(clients)) {
        write_amount(out, clients, " address", " addresses");
        return;
    }
    output_string(out, "every address");
    if (amount_sum(others) > 0) {
        output_string(out, " but ");
        write_amount(out, others, "", "");
    }
}

/* -- how much ------------------------------------------------------------- */

/* What no list names is more than all that lists name. */
static double
weigh(const struct reached *reached)
{
    double weight = 0;
    for (uint32_t i = 0; i < reached->cells->keys.count; i++)
        if (reached->has[i])
            weight += (double)reached->cells->items[i].count +
                      (reached->cells->items[i].open ? 0x1p32 : 0) +
                      (i == reached->unlisted ? 0x1p48 : 0);
    return weight;
}

double
extent_volume(const struct extent *extent)
{
    return amount_sum(count_clients(extent)) * weigh(&extent->identities) *
           weigh(&extent->senders) * weigh(&extent->recipients);
}

/* -- cells ---------------------------------------------------------------- */

/* Of which cells one speaks. */
struct spoken {
    const struct extent *extent;
    const struct reached *reached;
    uint32_t never; /* traits of those that one does not */
};

static bool
is_spoken(const void *context, uint32_t cell)
{
    const struct spoken *s = context;
    return s->reached->has[cell] &&
           !(view(s->extent, s->reached, cell)->traits & s->never);
}

static bool
speaks(const struct spoken *spoken)
{
    for (uint32_t i = 0; i < spoken->reached->cells->keys.count; i++)
        if (is_spoken(spoken, i))
            return true;
    return false;
}

static bool
has_unlisted(const struct reached *reached)
{
    return reached->has[reached->unlisted];
}

static size_t
count_spoken(const struct spoken *spoken)
{
    size_t count = 0;
    for (uint32_t i = 0; i < spoken->reached->cells->keys.count; i++)
        if (is_spoken(spoken, i))
            count += spoken->reached->cells->items[i].count;
    return count;
}

static void
write_cells(struct output *out, const struct spoken *spoken)
{
    describe_cells(out, spoken->reached->kind, spoken->reached->cells,
                   is_spoken, spoken, WORDS_MOST);
}

/* -- identities ----------------------------------------------------------- */

static bool
has_anonymous(const struct extent *extent)
{
    const struct reached *identities = &extent->identities;
    bool has = false;
    for (uint32_t i = 0; i < identities->cells->keys.count; i++)
        has |= identities->has[i] &&
               view(extent, identities, i)->traits & TRAIT_ANONYMOUS;
    return has;
}

static void
write_identities(struct output *out, const struct extent *extent)
{
    const struct spoken listed = {extent, &extent->identities, TRAIT_ANONYMOUS};
    bool anonymous = has_anonymous(extent);
    size_t count = count_spoken(&listed);
    if (has_unlisted(&extent->identities)) {
        output_string(out, anonymous ? "anybody" : "every account");
        return;
    }
    if (anonymous)
        output_string(out, "anonymous");
    if (count) {
        output_format(out, "%s%zu account%s (", anonymous ? " and " : "", count,
                      count == 1 ? "" : "s");
        write_cells(out, &listed);
        output_byte(out, ')');
    }
}

/* -- mail ----------------------------------------------------------------- */

/* Postmaster and the like go without saying where others are. */
static void
write_recipients(struct output *out, const struct extent *extent)
{
    bool any = has_unlisted(&extent->recipients);
    struct spoken rest = {extent, &extent->recipients,
                          TRAIT_MALFORMED | TRAIT_LATER | TRAIT_POSTMASTER};
    if (any)
        rest.never |= TRAIT_RELAY | TRAIT_ROUTING;
    else if (!speaks(&rest))
        rest.never = 0;
    output_string(out, any ? "any foreign recipient" : "recipients ");
    if (any && speaks(&rest))
        output_string(out, " and ");
    write_cells(out, &rest);
}

static void
write_senders(struct output *out, const struct extent *extent)
{
    struct spoken listed = {extent, &extent->senders, TRAIT_MALFORMED};
    if (has_unlisted(&extent->senders))
        return;
    if (!speaks(&listed))
        listed.never = 0;
    output_string(out, " × senders ");
    write_cells(out, &listed);
}

/* -- the rest ------------------------------------------------------------- */

/* A list that some axis has said already is no condition. */
static bool
is_said(const struct extent *extent, enum choice_kind kind)
{
    return (kind == CHOICE_IDENTITY && !has_unlisted(&extent->identities)) ||
           (kind == CHOICE_SENDER && !has_unlisted(&extent->senders)) ||
           (kind == CHOICE_RECIPIENT && !has_unlisted(&extent->recipients));
}

static void
write_conditions(struct output *out, const struct extent *extent)
{
    size_t start = out->size;
    for (int i = 0; i <= CHOICE_REWRITES; i++) {
        enum choice_kind kind = (enum choice_kind)i;
        if (!(extent->conditions >> i & 1) || is_said(extent, kind))
            continue;
        output_string(out, out->size > start ? ", " : " (with conditions: ");
        output_string(out, describe_kind(kind));
    }
    if (out->size > start)
        output_byte(out, ')');
}

void
extent_write(struct output *out, const struct extent *extent)
{
    write_clients(out, extent);
    output_string(out, " × ");
    write_identities(out, extent);
    output_string(out, " × ");
    write_recipients(out, extent);
    write_senders(out, extent);
    write_conditions(out, extent);
}
