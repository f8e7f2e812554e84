/* Folders, files and a small policy: for the tests of images. */
#ifndef TESTS_IMAGES_H
#define TESTS_IMAGES_H

#include "base/buffer.h"
#include "image/format.h"
#include "policies.h"
#include "policy/list_file.h"
#include "suite.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Images as files: what is loaded decides as what was parsed, and what is not
 * an image, or not whole, is refused. */

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

enum {
    PATH_SIZE = 512
};

#define ID_UNREADABLE "MR501"
#define ID_INVALID    "MR511"
#define ID_VERSION    "MR512"
#define ID_ORDER      "MR513"
#define ID_DIGEST     "MR514"
#define ID_NOT_CLOSED "MR515"

/* -- folders and files -------------------------------------------------- */

static char folder[32];

static inline void
folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/mayrelay-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void
folder_remove(void)
{
    char path[PATH_SIZE];
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        remove(path);
    }
    closedir(dir);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* How many names the folder holds. */
static inline int
folder_count(void)
{
    int count = -2; /* . and .. */
    DIR *dir = opendir(folder);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* A path in the folder; good until the fourth call from here. */
static inline const char *
in_folder(const char *name)
{
    static char paths[4][PATH_SIZE];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    return path;
}

static inline void
file_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    fclose(file);
}

static inline struct text
file_content(const char *path)
{
    struct text content;
    const char *problem = "";
    ck_assert_msg(file_read(path, &content, &problem), "%s: %s", path, problem);
    return content;
}

static inline void
content_free(struct text content)
{
    free((void *)(uintptr_t)content.data);
}

static inline void
assert_same_file(const char *a, const char *b)
{
    struct text left = file_content(a);
    struct text right = file_content(b);
    ck_assert_msg(text_equal(left, right), "%s and %s differ", a, b);
    content_free(left);
    content_free(right);
}

/* -- a small policy ----------------------------------------------------- */

/* Every section has something in it. */
static const char SMALL[] =
    "mayrelay: 1\n"
    "groups: {Staff: ask}\n"
    "domains:\n"
    "  inbound: [{domain: example.com, mailboxes: [joe, '/j.*/']}]\n"
    "  always-relay: [partner.example]\n"
    "  reroute: {old.example: example.com}\n"
    "  literals: [192.0.2.25]\n"
    "owners: {steven@example.com: [steven], .example.com: [joe]}\n"
    "connectors:\n"
    "  - name: lan\n"
    "    listen: ['192.0.2.25:25', '*:587']\n"
    "    clients: [10.0.0.0/8, '2001:db8::/32']\n"
    "    submit: {deny: [{senders: [$inbound], sender-owned: false}]}\n"
    "    relay:\n"
    "      allow:\n"
    "        - {clients: [10.0.0.0/8, not 10.9.0.0/16, h.example]}\n"
    "        - {users: [steven, $Staff, '/s.*/'], senders: ['<>', joe@]}\n"
    "        - {certificates: [00112233445566778899aabbccddeeff0011223344556677"
    "8899aabbccddeeff], recipients: [x@far.example, .far.example]}\n"
    "      deny: [{listeners: ['192.0.2.25:25'], clients: [10.1.0.0/16]}]\n"
    "  - name: rest\n";

/* Small enough that every bit of its image can be tried. */
static const char TINY[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "relay: {allow: [{clients: [10.0.0.0/8, h.example], senders: [joe@]}]}\n";

static const struct {
    const char *client, *listener, *identity, *sender, *recipient;
} TRANSACTIONS[] = {
    {"10.2.3.4", "192.0.2.25:25", NULL, "a@b.example", "joe@example.com"},
    {"10.2.3.4", "192.0.2.25:25", NULL, "a@b.example", "nobody@example.com"},
    {"10.2.3.4", "192.0.2.25:587", NULL, "a@b.example", "x@far.example"},
    {"10.1.3.4", "192.0.2.25:25", NULL, "a@b.example", "x@far.example"},
    {"10.9.3.4", "192.0.2.25:25", NULL, "a@b.example", "x@far.example"},
    {"10.9.3.4", "192.0.2.25:587", "steven", "<>", "x@far.example"},
    {"10.9.3.4", "192.0.2.25:25", "steven", "joe@example.com", "x@y.example"},
    {"10.9.3.4", "192.0.2.25:25", "steven", "steven@example.com", "x@y.z.test"},
    {"2001:db8::9", "192.0.2.25:25", "joe", "joe@sub.example.com", "<a%b@c.d>"},
    {"203.0.113.9", "192.0.2.25:25", NULL, "<>", "x@partner.example"},
    {"203.0.113.9", "192.0.2.25:25", NULL, "<>", "x@old.example"},
    {"203.0.113.9", "192.0.2.25:25", NULL, "<>", "joe@[192.0.2.25]"},
    {"203.0.113.9", "192.0.2.9:99", NULL, "<>", "postmaster"},
    {"203.0.113.9", "[2001:db8::25]:25", NULL, "bad", "bad"},
    {"203.0.113.9", NULL, "guest", "joe@realdomain.com", "x@virtualdomain.com"},
    {"127.0.0.1", "192.0.2.25:25", "DOM\\alice", "alice@example.com",
     "x@example.net"},
    {"::1", "192.0.2.25:587", "bob", "bob@example.org", "joe+tag@example.com"},
    {"192.168.1.9", "192.168.1.1:25", NULL, "x@example.org", "y@example.org"},
};

/* -- loading and judging
 * ------------------------------------------------------------ */

static const unsigned FLAGS[] = {
    0,
    MAYRELAY_LOAD_COPY,
    MAYRELAY_LOAD_VERIFY,
    MAYRELAY_LOAD_COPY | MAYRELAY_LOAD_VERIFY,
};

/* NULL, and one finding of that id about that file. */
static inline void
assert_refused(const char *path, unsigned flags, const char *id)
{
    mayrelay_report *report;
    ck_assert_ptr_null(mayrelay_policy_load(path, flags, &report));
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), id);
    ck_assert_int_eq(mayrelay_report_get_severity(report, 0), MAYRELAY_ERROR);
    ck_assert_str_eq(mayrelay_report_get_file(report, 0), path);
    mayrelay_report_free(report);
    ck_assert_ptr_null(mayrelay_policy_load(path, flags, NULL));
}

/* One transaction from connect to the decision, with and without answers. */
static inline void
judge(mayrelay_session *s, int which, bool answers)
{
    mayrelay_session_rewrites(s, answers);
    mayrelay_session_connect(s, TRANSACTIONS[which].client,
                             TRANSACTIONS[which].listener);
    if (answers) {
        mayrelay_session_add_client_name(s, "h.example", Z);
        mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
        mayrelay_session_tls(s, NULL, 0);
    }
    mayrelay_session_auth(s, TRANSACTIONS[which].identity, Z);
    if (answers) {
        mayrelay_session_add_group(s, "staff", Z);
        mayrelay_session_answer(s, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    }
    mayrelay_session_mail(s, TRANSACTIONS[which].sender, Z);
    mayrelay_session_rcpt(s, TRANSACTIONS[which].recipient, Z);
}

static inline void
assert_same_decision(mayrelay_session *a, mayrelay_session *b)
{
    static char left[1 << 16];
    static char right[1 << 16];
    mayrelay_decision_explain(mayrelay_session_get_decision(a), MAYRELAY_JSON,
                              left, sizeof left);
    mayrelay_decision_explain(mayrelay_session_get_decision(b), MAYRELAY_JSON,
                              right, sizeof right);
    ck_assert_str_eq(left, right);
    ck_assert_str_eq(reply_of(a), reply_of(b));
}

static inline void
assert_same_decisions(mayrelay_policy *a, mayrelay_policy *b)
{
    mayrelay_session *left = mayrelay_session_new(a);
    mayrelay_session *right = mayrelay_session_new(b);
    for (int i = 0; i < 2 * COUNT(TRANSACTIONS); i++) {
        judge(left, i / 2, i % 2);
        judge(right, i / 2, i % 2);
        assert_same_decision(left, right);
    }
    mayrelay_session_free(left);
    mayrelay_session_free(right);
}

static inline void
save_as(const char *yaml, const char *path)
{
    mayrelay_policy *policy = must_parse(yaml);
    ck_assert_int_eq(mayrelay_policy_save(policy, path), MAYRELAY_OK);
    mayrelay_policy_unref(policy);
}

static inline void
save_small(const char *path)
{
    save_as(SMALL, path);
}

/* Whatever the bytes say: an end, and nothing but SMTP codes. */
static inline void
judge_safely(mayrelay_session *s, int which)
{
    static char text[1 << 12];
    judge(s, which, which % 2);
    const mayrelay_decision *d = mayrelay_session_get_decision(s);
    int code = mayrelay_decision_get_code(d);
    if (code != 250 && (code < 400 || code > 599))
        ck_abort_msg("code %d", code);
    if (strlen(mayrelay_decision_get_reply(d)) > 510)
        ck_abort_msg("a reply too long");
    mayrelay_decision_explain(d, which % 3 ? MAYRELAY_TEXT : MAYRELAY_JSON,
                              text, sizeof text);
}

#endif
