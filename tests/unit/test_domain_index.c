#include "policy/domain_index.h"
#include "suite.h"

static const struct {
    const char *name;
    bool below;
    enum domain_class class;
} DOMAINS[] = {
    {"example.com", false, DOMAIN_INBOUND},
    {"example.com", true, DOMAIN_INBOUND},
    {"a.b.example.com", false, DOMAIN_INBOUND},
    {"example.net", true, DOMAIN_INBOUND},
    {"partner.example.net", false, DOMAIN_ALWAYS_RELAY},
    {"deep.example.net", true, DOMAIN_REROUTE},
    {"example.org", false, DOMAIN_REROUTE},
};

enum {
    DOMAIN_COUNT = sizeof DOMAINS / sizeof *DOMAINS
};

/* The class of the name, and of every name below it. */
static const struct {
    const char *name;
    enum domain_class class, below;
} CLASSES[] = {
    {"example.com", DOMAIN_INBOUND, DOMAIN_INBOUND},
    {"x.example.com", DOMAIN_INBOUND, DOMAIN_INBOUND},
    {"b.example.com", DOMAIN_INBOUND, DOMAIN_INBOUND},
    {"xexample.com", DOMAIN_FOREIGN, DOMAIN_FOREIGN},
    {"com", DOMAIN_FOREIGN, DOMAIN_FOREIGN},
    {"example.net", DOMAIN_FOREIGN, DOMAIN_FOREIGN},
    {"x.example.net", DOMAIN_INBOUND, DOMAIN_INBOUND},
    {"partner.example.net", DOMAIN_ALWAYS_RELAY, DOMAIN_INBOUND},
    {"deep.example.net", DOMAIN_INBOUND, DOMAIN_REROUTE},
    {"x.deep.example.net", DOMAIN_REROUTE, DOMAIN_REROUTE},
    {"example.org", DOMAIN_REROUTE, DOMAIN_FOREIGN},
    {"[192.0.2.1]", DOMAIN_FOREIGN, DOMAIN_FOREIGN},
};

START_TEST(the_most_specific_entry_decides)
{
    struct domain_entry entries[DOMAIN_COUNT] = {0};
    for (size_t i = 0; i < DOMAIN_COUNT; i++) {
        entries[i].name = text_of(DOMAINS[i].name);
        entries[i].below = DOMAINS[i].below;
        entries[i].class = DOMAINS[i].class;
    }
    struct model model = {.domains = entries, .domain_count = DOMAIN_COUNT};
    struct domain_index *index = domain_index_new(&model);
    ck_assert_ptr_nonnull(index);
    struct text name = text_of(CLASSES[_i].name);
    ck_assert_msg(domain_index_class(index, name) == CLASSES[_i].class, "%s",
                  name.data);
    ck_assert_msg(domain_index_class_below(index, name) == CLASSES[_i].below,
                  "below %s", name.data);
    domain_index_free(index);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("domain_index");
    TCase *tests = tcase_create("domain_index");
    tcase_add_loop_test(tests, the_most_specific_entry_decides, 0,
                        sizeof CLASSES / sizeof *CLASSES);
    suite_add_tcase(suite, tests);
    return suite;
}
