/* Policies as files: each folder of tests/policies says in the first line of
 * every file what reading it must find, and everything/ must yield its model.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/compile.h"
#include "policy/list_file.h"
#include "policy/model.h"
#include "suite.h"

#ifndef TESTS_DIR
#define TESTS_DIR "tests"
#endif

enum {
    FILES_MOST = 1000,
    NAME_SIZE = 256,
    PATH_SIZE = 512,
    FINDINGS_SIZE = 4096
};

static const char *
tests_dir(void)
{
    const char *dir = getenv("MAYRELAY_TESTS");
    return dir ? dir : TESTS_DIR;
}

/* -- folders of policies ----------------------------------------------------
 */

struct folder {
    char path[PATH_SIZE];
    char names[FILES_MOST][NAME_SIZE];
    size_t count;
};

static int
by_name(const void *left, const void *right)
{
    return strcmp(left, right);
}

static struct folder *
folder_open(const char *name)
{
    struct folder *folder = calloc(1, sizeof *folder);
    ck_assert_ptr_nonnull(folder);
    snprintf(folder->path, sizeof folder->path, "%s/%s", tests_dir(), name);
    DIR *dir = opendir(folder->path);
    ck_assert_msg(dir, "cannot open %s", folder->path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!text_ends(text_of(entry->d_name), TEXT(".yaml")))
            continue;
        ck_assert_uint_lt(folder->count, FILES_MOST);
        snprintf(folder->names[folder->count++], NAME_SIZE, "%s",
                 entry->d_name);
    }
    closedir(dir);
    qsort(folder->names, folder->count, NAME_SIZE, by_name);
    return folder;
}

static struct model *
read_file(const char *path, struct text *content,
          struct mayrelay_report *report)
{
    const char *problem = NULL;
    ck_assert_msg(file_read(path, content, &problem), "%s: %s", path, problem);
    return model_read(*content, path, compile_check_patterns, NULL, report);
}

/* -- what was found, in the words of the files -------------------------------
 */

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* " MR135:3 MR133:list.txt:2": the findings of one severity. */
static void
write_findings(const struct mayrelay_report *report, const char *path,
               enum mayrelay_severity severity, struct output *out)
{
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        if (mayrelay_report_get_severity(report, i) != severity)
            continue;
        const char *file = mayrelay_report_get_file(report, i);
        output_format(out, " %s:", mayrelay_report_get_id(report, i));
        if (strcmp(file, path) != 0)
            output_format(out, "%s:", base_name(file));
        output_format(out, "%u", mayrelay_report_get_line(report, i));
    }
}

static void
write_report(const struct mayrelay_report *report, struct output *out)
{
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        char line[PATH_SIZE * 4];
        mayrelay_report_to_text(report, i, line, sizeof line);
        output_format(out, "\n  %s", line);
    }
}

static struct text
expected_of(struct text content)
{
    struct text line = text_slice(content, 0, text_find(content, '\n'));
    ck_assert(text_starts(line, TEXT("# expect:")));
    return text_from(line, sizeof "# expect:" - 1);
}

static void
check_file(const char *path, enum mayrelay_severity severity)
{
    struct mayrelay_report *report = report_new();
    struct text content;
    struct model *model = read_file(path, &content, report);
    char found[FINDINGS_SIZE];
    char whole[FINDINGS_SIZE * 2];
    struct output out = output_to(found, sizeof found);
    write_findings(report, path, severity, &out);
    struct output all = output_to(whole, sizeof whole);
    write_report(report, &all);
    struct text expected = expected_of(content);
    ck_assert_msg(text_equal(output_written(&out), expected),
                  "%s\n expected%.*s\n found%s%s", path, TEXT_ARGS(expected),
                  found, whole);
    ck_assert_msg(!model == (severity == MAYRELAY_ERROR), "%s%s", path, whole);
    model_free(model);
    mayrelay_report_free(report);
    free((void *)content.data);
}

static void
check_folder(const char *name, enum mayrelay_severity severity, size_t least)
{
    struct folder *folder = folder_open(name);
    ck_assert_uint_ge(folder->count, least);
    for (size_t i = 0; i < folder->count; i++) {
        char path[PATH_SIZE + NAME_SIZE + 1];
        snprintf(path, sizeof path, "%s/%s", folder->path, folder->names[i]);
        check_file(path, severity);
    }
    free(folder);
}

START_TEST(broken_policies_say_what_is_wrong)
{
    check_folder("policies", MAYRELAY_ERROR, 90);
}
END_TEST

START_TEST(warnings_do_not_stop_a_policy)
{
    check_folder("policies/warnings", MAYRELAY_WARNING, 15);
}
END_TEST

/* -- every id has its example ------------------------------------------------
 */

struct known_finding {
    unsigned number;
    enum mayrelay_severity severity;
};

static const struct known_finding KNOWN[] = {
#define FINDING(name, number, severity, title) {number, MAYRELAY_##severity},
#include "base/findings.def"
#undef FINDING
};

static bool
reading_finds(struct known_finding known)
{
    return (known.number >= 100 && known.number < 300) ||
           (known.number >= 400 && known.number < 500);
}

static bool
folder_expects(const struct folder *folder, unsigned number)
{
    char id[16];
    snprintf(id, sizeof id, " MR%u:", number);
    for (size_t i = 0; i < folder->count; i++) {
        char path[PATH_SIZE + NAME_SIZE + 1];
        char line[FINDINGS_SIZE] = "";
        snprintf(path, sizeof path, "%s/%s", folder->path, folder->names[i]);
        FILE *file = fopen(path, "r");
        ck_assert_ptr_nonnull(file);
        bool read = fgets(line, sizeof line, file) != NULL;
        fclose(file);
        if (read && strstr(line, id))
            return true;
    }
    return false;
}

START_TEST(every_finding_has_a_policy)
{
    struct folder *broken = folder_open("policies");
    struct folder *warnings = folder_open("policies/warnings");
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        const struct folder *folder =
            KNOWN[i].severity == MAYRELAY_ERROR ? broken : warnings;
        if (reading_finds(KNOWN[i]))
            ck_assert_msg(folder_expects(folder, KNOWN[i].number),
                          "no policy shows MR%u", KNOWN[i].number);
    }
    free(broken);
    free(warnings);
}
END_TEST

/* -- one policy with everything ----------------------------------------------
 */

static struct model *model;
static struct mayrelay_report *report;
static struct text text_of_policy;

static void
open_everything(void)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/policies/everything/everything.yaml",
             tests_dir());
    report = report_new();
    model = read_file(path, &text_of_policy, report);
    char whole[FINDINGS_SIZE];
    struct output out = output_to(whole, sizeof whole);
    write_report(report, &out);
    ck_assert_msg(model, "%s%s", path, whole);
}

static void
close_everything(void)
{
    model_free(model);
    mayrelay_report_free(report);
    free((void *)text_of_policy.data);
}

static const struct rule *
rule_named(const char *name)
{
    for (size_t i = 0; i < model->rule_count; i++)
        if (text_equal(model->rules[i].name, text_of(name)))
            return &model->rules[i];
    ck_abort_msg("no rule '%s'", name);
    return NULL;
}

static const struct list *
only_list(const struct selection *selection)
{
    ck_assert_uint_eq(selection->include_count, 1);
    ck_assert_uint_lt(selection->includes[0], model->list_count);
    return &model->lists[selection->includes[0]];
}

START_TEST(everything_has_its_rules_in_order)
{
    static const char *const NAMES[] = {
        "connect.deny[1]",
        "never-route",
        "application-relay.submit.deny[1]",
        "application-relay.relay.allow[1]",
        "application-relay.relay.allow[2]",
        "printer",
        "application-relay.relay.deny[1]",
        "application-relay.relay.deny[2]",
        "always-relay",
    };
    size_t count = sizeof NAMES / sizeof *NAMES;
    ck_assert_uint_eq(model->rule_count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_text_eq(model->rules[i].name, NAMES[i]);
    ck_assert_uint_eq(rule_named("never-route")->connector, RULE_EVERYWHERE);
    ck_assert_uint_eq(rule_named("printer")->connector, 1);
    const struct rule *always = rule_named("always-relay");
    ck_assert(always->always_relay && !always->deny);
    ck_assert(always->select[SELECT_RECIPIENTS].always_relay);
    ck_assert_uint_eq(always->connector, RULE_EVERYWHERE);
}
END_TEST

START_TEST(everything_has_its_lists)
{
    const struct rule *drop = rule_named("connect.deny[1]");
    const struct list *list = only_list(&drop->select[SELECT_CLIENTS]);
    ck_assert_text_eq(list->name, "file:drop.txt");
    ck_assert_uint_eq(list->count, 2);
    ck_assert_uint_eq(list->entries[1].source.line, 2);
    const char *file = model_place(model, list->entries[1].source).file;
    ck_assert_str_eq(base_name(file), "drop.txt");

    const struct rule *users = rule_named("application-relay.relay.allow[1]");
    const struct selection *select = &users->select[SELECT_USERS];
    ck_assert(select->given && !select->all);
    ck_assert_uint_eq(select->include_count, 3); /* $..., its file, helpdesk */
    ck_assert_uint_eq(select->exclude_count, 1);

    const struct selection *senders =
        &rule_named("application-relay.submit.deny[1]")->select[SELECT_SENDERS];
    ck_assert(senders->inbound && senders->include_count == 0);
    ck_assert(rule_named("application-relay.submit.deny[1]")
                  ->select[SELECT_CLIENTS]
                  .all);
}
END_TEST

START_TEST(everything_has_its_replies)
{
    const struct rule *fired = rule_named("application-relay.relay.deny[1]");
    ck_assert_int_eq(fired->reason, MAYRELAY_REASON_RELAY_FORBIDDEN);
    ck_assert_uint_eq(fired->reply.code, 550);
    ck_assert_text_eq(fired->reply.text, "Your account may no longer relay");
    const struct rule *later = rule_named("application-relay.relay.deny[2]");
    ck_assert_uint_eq(later->reply.code, 451);
    ck_assert_uint_eq(later->reply.subject, 7);
    ck_assert_uint_eq(later->reply.detail, 1);
    ck_assert_text_eq(later->reply.text,
                      "Relaying for %{recipient} is forbidden here");
    const struct rule *spoof = rule_named("application-relay.submit.deny[1]");
    ck_assert_int_eq(spoof->reason, MAYRELAY_REASON_AUTH_REQUIRED);
    ck_assert_uint_eq(spoof->reply.code, 530);
    ck_assert_uint_eq(model->replies[MAYRELAY_REASON_INBOUND].code, 250);
}
END_TEST

static const struct domain_entry *
domain_named(const char *name)
{
    for (size_t i = 0; i < model->domain_count; i++)
        if (text_equal(model->domains[i].name, text_of(name)))
            return &model->domains[i];
    ck_abort_msg("no domain '%s'", name);
    return NULL;
}

START_TEST(everything_has_its_domains)
{
    ck_assert_uint_eq(model->domain_count, 6);
    ck_assert(!domain_named("realdomain.com")->below);
    ck_assert(domain_named("branch.realdomain.com")->below);
    const struct domain_entry *virtual = domain_named("virtualdomain.com");
    ck_assert_int_eq(virtual->delimiter, '+');
    ck_assert_uint_lt(virtual->mailboxes, model->list_count);
    const struct list *mailboxes = &model->lists[virtual->mailboxes];
    ck_assert_int_eq(mailboxes->use, LIST_MAILBOXES);
    ck_assert_uint_eq(mailboxes->count, 2);
    ck_assert_uint_eq(domain_named("ldap.example")->mailboxes, MAILBOXES_ASK);
    ck_assert_uint_eq(domain_named("realdomain.com")->mailboxes,
                      MAILBOXES_NONE);
    ck_assert_int_eq(domain_named("partner.example")->class,
                     DOMAIN_ALWAYS_RELAY);
    ck_assert_text_eq(domain_named("old.example")->target, "realdomain.com");
    ck_assert_text_eq(model->default_domain, "realdomain.com");
    ck_assert_uint_eq(model->literal_count, 1);
    ck_assert(model->needs_listener && !model->soft_bounce);
}
END_TEST

START_TEST(everything_has_its_connectors_and_owners)
{
    ck_assert_uint_eq(model->connector_count, 2);
    const struct connector *internet = &model->connectors[0];
    const struct connector *inside = &model->connectors[1];
    ck_assert_text_eq(internet->name, "internet");
    ck_assert_uint_eq(internet->listen_count, 1);
    ck_assert_uint_eq(internet->listens[0].endpoint.port, 25);
    ck_assert_uint_eq(internet->client_count, 0);
    ck_assert_uint_eq(inside->client_count, 1);
    ck_assert_uint_eq(model->owner_count, 2);
    ck_assert_int_eq(model->owners[0].kind, ENTRY_MAILBOX);
    ck_assert_text_eq(model->owners[0].key, "steven@realdomain.com");
    ck_assert_uint_eq(model->owners[1].list_count, 3);
    ck_assert_uint_eq(model->anonymous_count, 1);
    ck_assert_text_eq(model->anonymous[0], "nobody");
    ck_assert_uint_eq(model->accepted_count, 1);
    ck_assert_text_eq(model->accepted[0].id, "MR301");
}
END_TEST

/* -- policies as text ---------------------------------------------------------
 */

static void
read_policy(const char *text)
{
    report = report_new();
    model = model_read(text_of(text), "policy.yaml", compile_check_patterns,
                       NULL, report);
    char whole[FINDINGS_SIZE];
    struct output out = output_to(whole, sizeof whole);
    write_report(report, &out);
    ck_assert_msg(model, "%s", whole);
}

static void
close_policy(void)
{
    model_free(model);
    mayrelay_report_free(report);
}

START_TEST(a_policy_of_one_line_denies)
{
    read_policy("mayrelay: 1");
    ck_assert_uint_eq(model->rule_count, 0);
    ck_assert_uint_eq(model->connector_count, 1);
    ck_assert_text_eq(model->connectors[0].name, "default");
    close_policy();
}
END_TEST

START_TEST(a_list_that_many_rules_name_exists_once)
{
    read_policy("mayrelay: 1\n"
                "lists: {a: [10.0.0.1], b: [$a, 10.0.0.2]}\n"
                "relay:\n"
                "  allow: [{clients: $b}, {clients: [$a, $b]}]\n"
                "  deny: {clients: [10.0.0.0/8, not $a]}\n");
    ck_assert_uint_eq(model->list_count, 3);
    const struct selection *first = &model->rules[0].select[SELECT_CLIENTS];
    const struct selection *second = &model->rules[1].select[SELECT_CLIENTS];
    const struct selection *deny = &model->rules[2].select[SELECT_CLIENTS];
    ck_assert_uint_eq(first->include_count, 2);
    ck_assert_uint_eq(second->include_count, 2);
    ck_assert_mem_eq(first->includes, second->includes,
                     2 * sizeof *first->includes);
    ck_assert_uint_eq(deny->exclude_count, 1);
    ck_assert_text_eq(model->lists[deny->excludes[0]].name, "$a");
    close_policy();
}
END_TEST

START_TEST(mailboxes_of_several_lists_are_one)
{
    char yaml[PATH_SIZE];
    snprintf(
        yaml, sizeof yaml,
        "mayrelay: 1\n"
        "domains:\n"
        "  inbound:\n"
        "    - domain: virtualdomain.com\n"
        "      mailboxes: [kate, 'file:%s/policies/everything/users.txt']\n",
        tests_dir());
    read_policy(yaml);
    uint32_t number = model->domains[0].mailboxes;
    ck_assert_uint_lt(number, model->list_count);
    ck_assert_uint_eq(model->lists[number].count, 3);
    ck_assert_text_eq(model->lists[number].entries[0].text, "joe");
    ck_assert_text_eq(model->lists[number].entries[2].text, "kate");
    close_policy();
}
END_TEST

START_TEST(owners_with_equal_members_share_a_list)
{
    read_policy("mayrelay: 1\n"
                "owners:\n"
                "  a@example.com: [joe, ann]\n"
                "  b@example.com: [Joe, ann]\n"
                "  c@example.com: [joe]\n");
    ck_assert_uint_eq(model->list_count, 2);
    ck_assert_uint_eq(model->owners[0].lists[0], model->owners[1].lists[0]);
    ck_assert_uint_ne(model->owners[0].lists[0], model->owners[2].lists[0]);
    close_policy();
}
END_TEST

START_TEST(a_bare_code_keeps_text_and_detail_of_replies)
{
    read_policy("mayrelay: 1\n"
                "replies: {relay-forbidden: 554 5.7.9 Never}\n"
                "relay:\n"
                "  deny:\n"
                "    - {clients: 10.0.0.1, reply: 451}\n"
                "    - {clients: 10.0.0.2, reply: 550 5.1.8}\n"
                "    - {clients: 10.0.0.3, reply: 550 Go away}\n"
                "    - {clients: 10.0.0.4}\n");
    static const struct {
        unsigned code, subject, detail;
        const char *text;
    } REPLIES[] = {{451, 7, 9, "Never"},
                   {550, 1, 8, "Never"},
                   {550, 7, 9, "Go away"},
                   {554, 7, 9, "Never"}};
    for (size_t i = 0; i < 4; i++) {
        const struct reply *reply = &model->rules[i].reply;
        ck_assert_uint_eq(reply->code, REPLIES[i].code);
        ck_assert_uint_eq(reply->subject, REPLIES[i].subject);
        ck_assert_uint_eq(reply->detail, REPLIES[i].detail);
        ck_assert_text_eq(reply->text, REPLIES[i].text);
    }
    close_policy();
}
END_TEST

START_TEST(asked_groups_are_entries)
{
    read_policy("mayrelay: 1\n"
                "groups: {Domain Admins: ask, staff: [joe, $domain admins]}\n"
                "relay: {allow: {users: $staff}}\n");
    const struct selection *users = &model->rules[0].select[SELECT_USERS];
    ck_assert_uint_eq(users->include_count, 2);
    bool asked = false;
    for (size_t i = 0; i < 2; i++) {
        const struct entry *entry = model->lists[users->includes[i]].entries;
        if (entry->kind == ENTRY_GROUP) {
            asked = true;
            ck_assert_text_eq(entry->text, "domain admins");
        }
    }
    ck_assert(asked);
    close_policy();
}
END_TEST

START_TEST(nothing_readable_is_a_policy)
{
    static const char *const TEXTS[] = {"",  "\n", "null",    "[]",
                                        "x", "{}", "\xff\xfe"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct mayrelay_report *found = report_new();
        ck_assert_ptr_null(model_read(text_of(TEXTS[i]), "x.yaml",
                                      compile_check_patterns, NULL, found));
        ck_assert_uint_ge(mayrelay_report_count_at(found, MAYRELAY_ERROR), 1);
        mayrelay_report_free(found);
    }
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("reader");
    TCase *folders = tcase_create("folders");
    tcase_set_timeout(folders, 60);
    tcase_add_test(folders, broken_policies_say_what_is_wrong);
    tcase_add_test(folders, warnings_do_not_stop_a_policy);
    tcase_add_test(folders, every_finding_has_a_policy);
    suite_add_tcase(suite, folders);
    TCase *everything = tcase_create("everything");
    tcase_add_checked_fixture(everything, open_everything, close_everything);
    tcase_add_test(everything, everything_has_its_rules_in_order);
    tcase_add_test(everything, everything_has_its_lists);
    tcase_add_test(everything, everything_has_its_replies);
    tcase_add_test(everything, everything_has_its_domains);
    tcase_add_test(everything, everything_has_its_connectors_and_owners);
    suite_add_tcase(suite, everything);
    TCase *texts = tcase_create("texts");
    tcase_add_test(texts, a_policy_of_one_line_denies);
    tcase_add_test(texts, a_list_that_many_rules_name_exists_once);
    tcase_add_test(texts, mailboxes_of_several_lists_are_one);
    tcase_add_test(texts, owners_with_equal_members_share_a_list);
    tcase_add_test(texts, a_bare_code_keeps_text_and_detail_of_replies);
    tcase_add_test(texts, asked_groups_are_entries);
    tcase_add_test(texts, nothing_readable_is_a_policy);
    suite_add_tcase(suite, texts);
    return suite;
}
