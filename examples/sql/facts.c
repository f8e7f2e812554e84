#include "facts.h"

#include <stdbool.h>
#include <string.h>

SQLITE_EXTENSION_INIT3

static const char *const NAMES[FACTS] = {
    "policy",    "client",      "identity",         "sender",
    "recipient", "listener",    "client_names",     "groups",
    "tls",       "certificate", "recipient_exists", "rewrites"};

struct teller {
    sqlite3 *db;
    mayrelay_session *session;
    sqlite3_value *const *values;
    char *error;
};

struct text {
    const char *data;
    size_t size;
};

static bool
is_given(const struct teller *teller, enum fact fact)
{
    sqlite3_value *value = teller->values[fact];
    return value && sqlite3_value_type(value) != SQLITE_NULL;
}

static bool
fail(struct teller *teller, enum fact fact, const char *what)
{
    if (!teller->error)
        teller->error = sqlite3_mprintf("mayrelay: %s %s", NAMES[fact], what);
    return false;
}

/* Numbers and blobs are no texts: whoever passes one has mixed up something. */
static bool
read_text(struct teller *teller, enum fact fact, struct text *text)
{
    sqlite3_value *value = teller->values[fact];
    *text = (struct text){0};
    if (!is_given(teller, fact))
        return true;
    if (sqlite3_value_type(value) != SQLITE_TEXT)
        return fail(teller, fact, "is not a text");
    text->data = (const char *)sqlite3_value_text(value);
    text->size = (size_t)sqlite3_value_bytes(value);
    return text->data || fail(teller, fact, "does not fit into memory");
}

/* For calls whose texts end in NUL: one with a NUL inside must not be cut to
 * something readable. */
static const char *
whole(struct text text)
{
    return text.data && strlen(text.data) != text.size ? "" : text.data;
}

const char *
facts_policy(sqlite3_value *value, char **error)
{
    struct teller teller = {.values = &value};
    struct text path;
    if (!read_text(&teller, FACT_POLICY, &path)) {
        *error = teller.error;
        return NULL;
    }
    if (path.data && strlen(path.data) == path.size)
        return path.data;
    *error = sqlite3_mprintf("mayrelay: policy is not a path");
    return NULL;
}

/* -- facts that are looked up ---------------------------------------------- */

typedef enum mayrelay_status adder(mayrelay_session *session, const char *text,
                                   size_t size);

/* SQLite itself reads the list: '["a", "b"]'. */
static bool
add_each(struct teller *teller, enum fact fact, struct text list, adder *add)
{
    static const char query[] = "SELECT value, type FROM json_each(?1)";
    sqlite3_stmt *each = NULL;
    int status = sqlite3_prepare_v2(teller->db, query, -1, &each, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_bind_text(each, 1, list.data, (int)list.size,
                                   SQLITE_STATIC);
    bool texts = list.data[0] == '[';
    while (status == SQLITE_OK && sqlite3_step(each) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(each, 0);
        const char *type = (const char *)sqlite3_column_text(each, 1);
        texts = texts && text && type && strcmp(type, "text") == 0;
        if (texts)
            add(teller->session, text, (size_t)sqlite3_column_bytes(each, 0));
    }
    bool read = sqlite3_finalize(each) == SQLITE_OK && status == SQLITE_OK;
    return (read && texts) ||
           fail(teller, fact, "is neither a JSON array of texts nor tempfail");
}

static bool
tell_list(struct teller *teller, enum fact fact, enum mayrelay_fact asked,
          adder *add)
{
    struct text list;
    if (!read_text(teller, fact, &list))
        return false;
    if (!list.data)
        return true;
    bool failed = strcmp(list.data, TEMPFAIL) == 0;
    if (!failed && !add_each(teller, fact, list, add))
        return false;
    mayrelay_session_answer(teller->session, asked,
                            failed ? MAYRELAY_FAILED : MAYRELAY_KNOWN);
    return true;
}

/* 0 and 1, as SQL has its truths. */
static bool
read_truth(struct teller *teller, enum fact fact, bool *truth)
{
    sqlite3_value *value = teller->values[fact];
    *truth = false;
    if (!is_given(teller, fact))
        return true;
    if (sqlite3_value_type(value) != SQLITE_INTEGER)
        return fail(teller, fact, "is neither true nor false");
    *truth = sqlite3_value_int64(value) != 0;
    return true;
}

static bool
tell_existence(struct teller *teller)
{
    const enum fact fact = FACT_RECIPIENT_EXISTS;
    sqlite3_value *value = teller->values[fact];
    bool exists;
    if (!is_given(teller, fact) || !is_given(teller, FACT_RECIPIENT))
        return true;
    if (sqlite3_value_type(value) == SQLITE_TEXT &&
        strcmp((const char *)sqlite3_value_text(value), TEMPFAIL) == 0) {
        mayrelay_session_answer(teller->session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
        return true;
    }
    if (!read_truth(teller, fact, &exists))
        return false;
    mayrelay_session_set_recipient_exists(teller->session, exists);
    return true;
}

/* -- all of them ----------------------------------------------------------- */

static bool
tell_connect(struct teller *teller)
{
    struct text client, listener;
    bool rewrites;
    if (!read_text(teller, FACT_CLIENT, &client) ||
        !read_text(teller, FACT_LISTENER, &listener) ||
        !read_truth(teller, FACT_REWRITES, &rewrites))
        return false;
    mayrelay_session_rewrites(teller->session, rewrites);
    mayrelay_session_connect(teller->session, whole(client), whole(listener));
    return tell_list(teller, FACT_CLIENT_NAMES, MAYRELAY_FACT_CLIENT_NAME,
                     mayrelay_session_add_client_name);
}

static bool
tell_tls(struct teller *teller)
{
    struct text certificate;
    bool tls;
    if (!read_text(teller, FACT_CERTIFICATE, &certificate) ||
        !read_truth(teller, FACT_TLS, &tls))
        return false;
    if (tls || certificate.data)
        mayrelay_session_tls(teller->session, certificate.data,
                             certificate.size);
    return true;
}

static bool
tell_identity(struct teller *teller)
{
    struct text identity;
    if (!read_text(teller, FACT_IDENTITY, &identity))
        return false;
    if (identity.data)
        mayrelay_session_auth(teller->session, identity.data, identity.size);
    return tell_list(teller, FACT_GROUPS, MAYRELAY_FACT_GROUPS,
                     mayrelay_session_add_group);
}

static bool
tell_mail(struct teller *teller)
{
    struct text sender, recipient;
    if (!read_text(teller, FACT_SENDER, &sender) ||
        !read_text(teller, FACT_RECIPIENT, &recipient))
        return false;
    if (sender.data)
        mayrelay_session_mail(teller->session, sender.data, sender.size);
    if (recipient.data)
        mayrelay_session_rcpt(teller->session, recipient.data, recipient.size);
    return tell_existence(teller);
}

char *
facts_tell(sqlite3 *db, mayrelay_session *session,
           sqlite3_value *const values[FACTS])
{
    struct teller teller = {.db = db, .session = session, .values = values};
    bool told = tell_connect(&teller) && tell_tls(&teller) &&
                tell_identity(&teller) && tell_mail(&teller);
    if (!told)
        return teller.error ? teller.error : sqlite3_mprintf("");
    mayrelay_session_resume(session);
    return NULL;
}
