/* Colliding client ranges of connectors: the sweep against all pairs. */
#include <stdlib.h>

#include "policy/check_connectors.h"
#include "suite.h"

enum {
    ROUNDS = 3000,
    CONNECTORS = 4,
    RANGES = 3,
    ADDRESSES = 12,
    LISTENS = 3
};

struct setting {
    struct connector connectors[CONNECTORS];
    struct client_range clients[CONNECTORS][RANGES];
    struct listen_entry listens[CONNECTORS][LISTENS];
};

static struct range
random_range(void)
{
    uint32_t a = (uint32_t)rand() % ADDRESSES;
    uint32_t b = (uint32_t)rand() % ADDRESSES;
    return (struct range){address_ipv4(a < b ? a : b),
                          address_ipv4(a < b ? b : a)};
}

static void
make_connector(struct setting *setting, size_t at)
{
    struct connector *connector = &setting->connectors[at];
    connector->name = TEXT("c");
    connector->client_count = (size_t)rand() % (RANGES + 1);
    connector->listen_count = (size_t)rand() % LISTENS;
    connector->clients = setting->clients[at];
    connector->listens = setting->listens[at];
    connector->source = (struct source){0, (uint32_t)at + 1, 1};
    for (size_t i = 0; i < RANGES; i++)
        setting->clients[at][i] = (struct client_range){
            random_range(), {0, (uint32_t)at + 1, (uint32_t)i + 2}};
    for (size_t i = 0; i < LISTENS; i++)
        setting->listens[at][i].endpoint.port =
            (uint16_t)(rand() % LISTENS + 1);
}

static bool
listen_alike(const struct connector *a, const struct connector *b)
{
    if (!a->listen_count || !b->listen_count)
        return a->listen_count == b->listen_count;
    for (size_t i = 0; i < a->listen_count; i++)
        for (size_t j = 0; j < b->listen_count; j++)
            if (a->listens[i].endpoint.port == b->listens[j].endpoint.port)
                return true;
    return false;
}

static bool
collide(struct range a, struct range b)
{
    return range_overlaps(a, b) &&
           (range_equal(a, b) || (!range_holds(a, b) && !range_holds(b, a)));
}

/* A connector without clients holds everything: only another such one is its
 * equal, as random ranges are never all of a family. */
static bool
clients_collide(const struct connector *a, const struct connector *b)
{
    if (!a->client_count || !b->client_count)
        return a->client_count == b->client_count;
    for (size_t i = 0; i < a->client_count; i++)
        for (size_t j = 0; j < b->client_count; j++)
            if (collide(a->clients[i].range, b->clients[j].range))
                return true;
    return false;
}

static bool
any_pair_collides(const struct setting *setting, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (listen_alike(&setting->connectors[i],
                             &setting->connectors[j]) &&
                clients_collide(&setting->connectors[i],
                                &setting->connectors[j]))
                return true;
    return false;
}

START_TEST(the_sweep_agrees_with_all_pairs)
{
    srand(11);
    size_t collisions = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct setting setting = {0};
        size_t count = (size_t)rand() % CONNECTORS + 1;
        for (size_t i = 0; i < count; i++)
            make_connector(&setting, i);
        struct model model = {.connectors = setting.connectors,
                              .connector_count = count};
        struct mayrelay_report *report = report_new();
        ck_assert(check_connectors(&model, report));
        bool expected = any_pair_collides(&setting, count);
        ck_assert_int_eq(mayrelay_report_count(report) > 0, expected);
        mayrelay_report_free(report);
        collisions += expected;
    }
    ck_assert_uint_gt(collisions, ROUNDS / 10);
    ck_assert_uint_lt(collisions, ROUNDS - ROUNDS / 10);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("check_connectors");
    TCase *sweep = tcase_create("sweep");
    tcase_add_test(sweep, the_sweep_agrees_with_all_pairs);
    suite_add_tcase(suite, sweep);
    return suite;
}
