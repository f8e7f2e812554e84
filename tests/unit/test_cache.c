#include "suite.h"

#include "dns/cache.h"

static struct mayrelay_dns_answer *
answer_for(uint32_t number, uint32_t ttl)
{
    struct mayrelay_dns_answer *answer = dns_answer_new(
        address_ipv4(number), MAYRELAY_DNS_NO_NAME, ttl, NULL, 0);
    ck_assert_ptr_nonnull(answer);
    return answer;
}

static void
put(struct cache *cache, uint32_t number, uint32_t ttl, uint64_t now)
{
    struct mayrelay_dns_answer *answer = answer_for(number, ttl);
    cache_put(cache, answer, now);
    mayrelay_dns_answer_free(answer);
}

static bool
has(struct cache *cache, uint32_t number, uint64_t now)
{
    struct mayrelay_dns_answer *answer =
        cache_get(cache, address_ipv4(number), now);
    bool is = answer != NULL;
    if (is)
        ck_assert(
            address_equal(dns_answer_client(answer), address_ipv4(number)));
    mayrelay_dns_answer_free(answer);
    return is;
}

START_TEST(answers_hold_as_long_as_dns_says)
{
    struct cache cache;
    ck_assert(cache_init(&cache, 10, 100));
    put(&cache, 1, 5, 1000);
    ck_assert(has(&cache, 1, 1000));
    ck_assert(has(&cache, 1, 5999));
    ck_assert(!has(&cache, 1, 6000));
    ck_assert_uint_eq(cache.table.count, 0);
    put(&cache, 2, 0, 1000);
    ck_assert(!has(&cache, 2, 1000));
    put(&cache, 3, UINT32_MAX, 1000);
    ck_assert(has(&cache, 3, 100999));
    ck_assert(!has(&cache, 3, 101000));
    cache_clear(&cache);
}
END_TEST

START_TEST(the_least_recently_used_goes_first)
{
    struct cache cache;
    ck_assert(cache_init(&cache, 3, 100));
    for (uint32_t i = 1; i <= 3; i++)
        put(&cache, i, 50, 0);
    ck_assert(has(&cache, 1, 1));
    put(&cache, 4, 50, 1);
    ck_assert(!has(&cache, 2, 1));
    ck_assert(has(&cache, 1, 1) && has(&cache, 3, 1) && has(&cache, 4, 1));
    ck_assert_uint_eq(cache.table.count, 3);
    cache_clear(&cache);
}
END_TEST

START_TEST(the_newer_answer_replaces_the_older)
{
    struct cache cache;
    ck_assert(cache_init(&cache, 3, 100));
    put(&cache, 1, 50, 0);
    put(&cache, 1, 10, 0);
    ck_assert_uint_eq(cache.table.count, 1);
    ck_assert(!has(&cache, 1, 10000));
    put(&cache, 1, 50, 0);
    put(&cache, 1, 0, 0);
    ck_assert(!has(&cache, 1, 0));
    cache_clear(&cache);
}
END_TEST

START_TEST(no_room_keeps_nothing)
{
    struct cache cache;
    ck_assert(cache_init(&cache, 3, 100));
    put(&cache, 1, 50, 0);
    cache_reset(&cache, 0, 100);
    ck_assert(!has(&cache, 1, 0));
    put(&cache, 1, 50, 0);
    ck_assert(!has(&cache, 1, 0));
    cache_clear(&cache);
}
END_TEST

/* Far more than the table has buckets at first. */
START_TEST(many_are_found_again)
{
    struct cache cache;
    ck_assert(cache_init(&cache, 5000, 100));
    for (uint32_t i = 0; i < 20000; i++)
        put(&cache, i * 7919, 50, 0);
    ck_assert_uint_eq(cache.table.count, 5000);
    for (uint32_t i = 0; i < 20000; i++)
        ck_assert_int_eq(has(&cache, i * 7919, 0), i >= 15000);
    cache_clear(&cache);
}
END_TEST

START_TEST(families_are_apart)
{
    struct cache cache;
    struct address v6 = {ADDRESS_IPV6, 0, 7};
    ck_assert(cache_init(&cache, 10, 100));
    put(&cache, 7, 50, 0);
    ck_assert_ptr_null(cache_get(&cache, v6, 0));
    cache_clear(&cache);
}
END_TEST

/* An answer outlives the cache it came from. */
START_TEST(answers_are_shared)
{
    struct cache cache;
    ck_assert(cache_init(&cache, 10, 100));
    put(&cache, 7, 50, 0);
    struct mayrelay_dns_answer *answer = cache_get(&cache, address_ipv4(7), 0);
    cache_clear(&cache);
    ck_assert_str_eq(mayrelay_dns_answer_get_client(answer), "0.0.0.7");
    mayrelay_dns_answer_free(answer);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *cache = tcase_create("cache");
    tcase_add_test(cache, answers_hold_as_long_as_dns_says);
    tcase_add_test(cache, the_least_recently_used_goes_first);
    tcase_add_test(cache, the_newer_answer_replaces_the_older);
    tcase_add_test(cache, no_room_keeps_nothing);
    tcase_add_test(cache, many_are_found_again);
    tcase_add_test(cache, families_are_apart);
    tcase_add_test(cache, answers_are_shared);
    suite_add_tcase(suite, cache);
    return suite;
}
