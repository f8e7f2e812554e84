/* The declarations of mayrelay 0.1.0, which its programs were built with.  Made
 * by abi.py. */
/* clang-format off */
enum mayrelay_status {
    MAYRELAY_OK = 0,
    MAYRELAY_ERR_ARGUMENT = -1,
    MAYRELAY_ERR_MEMORY = -2,
    MAYRELAY_ERR_TEXT = -3,
    MAYRELAY_ERR_STAGE = -4,
    MAYRELAY_ERR_IO = -5
};
const char *mayrelay_version(void);
const char *mayrelay_status_text(enum mayrelay_status status);
typedef struct mayrelay_decision mayrelay_decision;
enum mayrelay_verdict {
    MAYRELAY_REJECT = 0,
    MAYRELAY_DEFER = 1,
    MAYRELAY_ACCEPT = 2
};
enum mayrelay_reason {
    MAYRELAY_REASON_INTERNAL_ERROR = 0,
    MAYRELAY_REASON_PROCEED = 1,
    MAYRELAY_REASON_INBOUND = 2,
    MAYRELAY_REASON_REROUTED = 3,
    MAYRELAY_REASON_ALWAYS_RELAY = 4,
    MAYRELAY_REASON_RELAY_ALLOWED = 5,
    MAYRELAY_REASON_NO_CONNECTOR = 6,
    MAYRELAY_REASON_CONNECT_REFUSED = 7,
    MAYRELAY_REASON_AUTH_REQUIRED = 8,
    MAYRELAY_REASON_SUBMIT_DENIED = 9,
    MAYRELAY_REASON_BAD_SENDER = 10,
    MAYRELAY_REASON_BAD_RECIPIENT = 11,
    MAYRELAY_REASON_UNKNOWN_RECIPIENT = 12,
    MAYRELAY_REASON_RELAY_DENIED = 13,
    MAYRELAY_REASON_RELAY_FORBIDDEN = 14,
    MAYRELAY_REASON_ROUTING_REFUSED = 15,
    MAYRELAY_REASON_LOOKUP_FAILED = 16,
    MAYRELAY_REASON_CANNOT_REWRITE = 17
};
enum mayrelay_kind {
    MAYRELAY_KIND_INTERNAL = 0,
    MAYRELAY_KIND_GRANTED = 1,
    MAYRELAY_KIND_FORBIDDEN = 2,
    MAYRELAY_KIND_NOT_PERMITTED = 3,
    MAYRELAY_KIND_UNDETERMINED = 4,
    MAYRELAY_KIND_MALFORMED = 5
};
enum mayrelay_fact {
    MAYRELAY_FACT_CLIENT_NAME = 1,
    MAYRELAY_FACT_GROUPS = 2,
    MAYRELAY_FACT_RECIPIENT = 4
};
enum mayrelay_format {
    MAYRELAY_TEXT = 0,
    MAYRELAY_JSON = 1
};
const char *mayrelay_verdict_name(enum mayrelay_verdict verdict);
const char *mayrelay_reason_name(enum mayrelay_reason reason);
const char *mayrelay_kind_name(enum mayrelay_kind kind);
const char *mayrelay_fact_name(enum mayrelay_fact fact);
 enum mayrelay_verdict
mayrelay_decision_get_verdict(const mayrelay_decision *decision);
int mayrelay_decision_get_code(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_enhanced(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_text(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_reply(const mayrelay_decision *decision);
 enum mayrelay_reason
mayrelay_decision_get_reason(const mayrelay_decision *decision);
 enum mayrelay_kind
mayrelay_decision_get_kind(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_rule(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_file(const mayrelay_decision *decision);
 uint32_t
mayrelay_decision_get_line(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_connector(const mayrelay_decision *decision);
 const char *
mayrelay_decision_get_recipient(const mayrelay_decision *decision);
            _Bool
mayrelay_decision_get_is_relay(const mayrelay_decision *decision);
 unsigned
mayrelay_decision_get_needs(const mayrelay_decision *decision);
 size_t mayrelay_decision_to_json(const mayrelay_decision *decision,
char *buffer, size_t size);
 size_t mayrelay_decision_explain(const mayrelay_decision *decision,
                                              enum mayrelay_format format,
char *buffer, size_t size);
typedef struct mayrelay_dns_answer mayrelay_dns_answer;
enum mayrelay_dns_result {
    MAYRELAY_DNS_FAILED = 0,
    MAYRELAY_DNS_FOUND = 1,
    MAYRELAY_DNS_CONFIRMED = 2,
    MAYRELAY_DNS_MISMATCH = 3,
    MAYRELAY_DNS_NO_NAME = 4,
    MAYRELAY_DNS_NO_DATA = 5,
    MAYRELAY_DNS_ILL_FORMED = 6,
    MAYRELAY_DNS_TIMEOUT = 7,
    MAYRELAY_DNS_UNREACHABLE = 8,
    MAYRELAY_DNS_MALFORMED = 9,
    MAYRELAY_DNS_TOO_MANY = 10
};
 const char *
mayrelay_dns_result_name(enum mayrelay_dns_result result);
            _Bool
mayrelay_dns_answer_is_known(const mayrelay_dns_answer *answer);
 size_t
mayrelay_dns_answer_count(const mayrelay_dns_answer *answer);
 const char *
mayrelay_dns_answer_get_name(const mayrelay_dns_answer *answer, size_t index);
 const char *
mayrelay_dns_answer_get_client(const mayrelay_dns_answer *answer);
 enum mayrelay_dns_result
mayrelay_dns_answer_get_result(const mayrelay_dns_answer *answer);
 uint32_t
mayrelay_dns_answer_get_ttl(const mayrelay_dns_answer *answer);
 size_t mayrelay_dns_answer_explain(
    const mayrelay_dns_answer *answer, enum mayrelay_format format,
char *buffer, size_t size);
void mayrelay_dns_answer_free(mayrelay_dns_answer *answer);
typedef struct mayrelay_report mayrelay_report;
enum mayrelay_severity {
    MAYRELAY_NOTE = 0,
    MAYRELAY_WARNING = 1,
    MAYRELAY_ERROR = 2
};
size_t mayrelay_report_count(const mayrelay_report *report);
 size_t mayrelay_report_count_at(const mayrelay_report *report,
enum mayrelay_severity least);
 const char *mayrelay_report_get_id(const mayrelay_report *report,
size_t index);
 enum mayrelay_severity
mayrelay_report_get_severity(const mayrelay_report *report, size_t index);
 const char *mayrelay_report_get_file(const mayrelay_report *report,
size_t index);
 uint32_t mayrelay_report_get_line(const mayrelay_report *report,
size_t index);
 uint32_t mayrelay_report_get_column(const mayrelay_report *report,
size_t index);
 const char *mayrelay_report_get_text(const mayrelay_report *report,
size_t index);
 const char *mayrelay_report_get_hint(const mayrelay_report *report,
size_t index);
 const char *
mayrelay_report_get_witness(const mayrelay_report *report, size_t index);
 size_t mayrelay_report_to_text(const mayrelay_report *report,
                                            size_t index, char *buffer,
size_t size);
 size_t mayrelay_report_to_json(const mayrelay_report *report,
char *buffer, size_t size);
void mayrelay_report_free(mayrelay_report *report);
typedef struct mayrelay_policy mayrelay_policy;
enum mayrelay_load_flag {
    MAYRELAY_LOAD_COPY = 1,
    MAYRELAY_LOAD_VERIFY = 2,
    MAYRELAY_LOAD_REQUIRE_CLOSED = 4
};
 mayrelay_policy *mayrelay_policy_load(const char *path,
                                                   unsigned flags,
mayrelay_report **report);
 mayrelay_policy *mayrelay_policy_parse(const char *text,
                                                    size_t size,
                                                    const char *name,
mayrelay_report **report);
 enum mayrelay_status
mayrelay_policy_save(const mayrelay_policy *policy, const char *image_path);
mayrelay_policy *mayrelay_policy_ref(mayrelay_policy *policy);
void mayrelay_policy_unref(mayrelay_policy *policy);
 const char *
mayrelay_policy_get_digest(const mayrelay_policy *policy);
unsigned mayrelay_policy_get_facts(const mayrelay_policy *policy);
            _Bool 
mayrelay_policy_has_reroute(const mayrelay_policy *policy);
 int mayrelay_check(mayrelay_policy *policy, const char *client,
                                const char *identity, const char *sender,
                                const char *recipient, char *reply,
size_t reply_size);
typedef struct mayrelay_resolver mayrelay_resolver;
enum mayrelay_socket_event {
    MAYRELAY_SOCKET_READ = 1,
    MAYRELAY_SOCKET_WRITE = 2
};
enum mayrelay_resolver_count {
    MAYRELAY_COUNT_ASKED = 0,
    MAYRELAY_COUNT_CACHE_HITS = 1,
    MAYRELAY_COUNT_SHARED = 2,
    MAYRELAY_COUNT_LOOKUPS = 3,
    MAYRELAY_COUNT_QUERIES = 4,
    MAYRELAY_COUNT_FAILED = 5,
    MAYRELAY_COUNT_EXPIRED = 6,
    MAYRELAY_COUNT_PENDING = 7,
    MAYRELAY_COUNT_CACHED = 8
};
mayrelay_resolver *mayrelay_resolver_new(void);
void mayrelay_resolver_free(mayrelay_resolver *resolver);
 enum mayrelay_status
mayrelay_resolver_set_servers(mayrelay_resolver *resolver, const char *servers);
 enum mayrelay_status
mayrelay_resolver_set_deadline_ms(mayrelay_resolver *resolver,
uint32_t deadline_ms);
 enum mayrelay_status
mayrelay_resolver_set_cache(mayrelay_resolver *resolver, size_t entries,
uint32_t seconds);
 uint64_t mayrelay_resolver_get_count(
const mayrelay_resolver *resolver, enum mayrelay_resolver_count which);
int mayrelay_resolver_get_fd(mayrelay_resolver *resolver);
 size_t mayrelay_resolver_get_sockets(
const mayrelay_resolver *resolver, int *fds, unsigned *events, size_t room);
 int
mayrelay_resolver_get_timeout_ms(const mayrelay_resolver *resolver);
 enum mayrelay_status
mayrelay_resolver_dispatch(mayrelay_resolver *resolver);
 enum mayrelay_status
mayrelay_resolver_ask(mayrelay_resolver *resolver, const char *client,
uint64_t token);
 mayrelay_dns_answer *
mayrelay_resolver_next(mayrelay_resolver *resolver, uint64_t *token);
 void mayrelay_resolver_cancel(mayrelay_resolver *resolver,
uint64_t token);
 mayrelay_dns_answer *
mayrelay_resolver_resolve(mayrelay_resolver *resolver, const char *client,
uint32_t timeout_ms);
typedef struct mayrelay_session mayrelay_session;
enum mayrelay_answer {
    MAYRELAY_KNOWN = 0,
    MAYRELAY_FAILED = 1
};
mayrelay_session *mayrelay_session_new(mayrelay_policy *policy);
void mayrelay_session_free(mayrelay_session *session);
 int mayrelay_session_connect(mayrelay_session *session,
                                          const char *client,
const char *listener);
 int
mayrelay_session_connect_addr(mayrelay_session *session, const void *client,
                              size_t client_size, const void *listener,
size_t listener_size, uint16_t listener_port);
 int mayrelay_session_mail(mayrelay_session *session,
const char *sender, size_t size);
 int mayrelay_session_rcpt(mayrelay_session *session,
const char *recipient, size_t size);
int mayrelay_session_resume(mayrelay_session *session);
void mayrelay_session_reset(mayrelay_session *session);
 enum mayrelay_status
mayrelay_session_tls(mayrelay_session *session, const char *fingerprint,
size_t size);
 enum mayrelay_status
mayrelay_session_auth(mayrelay_session *session, const char *identity,
size_t size);
 enum mayrelay_status
mayrelay_session_add_client_name(mayrelay_session *session, const char *name,
size_t size);
 enum mayrelay_status
mayrelay_session_add_group(mayrelay_session *session, const char *group,
size_t size);
 enum mayrelay_status
mayrelay_session_set_recipient_exists(mayrelay_session *session, 
                                                                _Bool 
exists);
 enum mayrelay_status
mayrelay_session_answer(mayrelay_session *session, enum mayrelay_fact fact,
enum mayrelay_answer answer);
 enum mayrelay_status
mayrelay_session_take(mayrelay_session *session,
const mayrelay_dns_answer *answer);
 void mayrelay_session_rewrites(mayrelay_session *session,
                                           _Bool 
rewrites);
unsigned mayrelay_session_needs(const mayrelay_session *session);
 const mayrelay_decision *
mayrelay_session_get_decision(const mayrelay_session *session);
 size_t mayrelay_session_to_log(const mayrelay_session *session,
                                            enum mayrelay_format format,
                                            const char *time, const char *id,
char *buffer, size_t size);
typedef struct mayrelay_watch mayrelay_watch;
enum mayrelay_reload {
    MAYRELAY_RELOAD_NONE = 0,
    MAYRELAY_RELOAD_DONE = 1,
    MAYRELAY_RELOAD_FAILED = 2
};
 mayrelay_watch *
mayrelay_watch_new(const char *path, unsigned flags, mayrelay_report **report);
void mayrelay_watch_free(mayrelay_watch *watch);
int mayrelay_watch_get_fd(const mayrelay_watch *watch);
 enum mayrelay_reload
mayrelay_watch_dispatch(mayrelay_watch *watch, mayrelay_report **report);
 enum mayrelay_reload
mayrelay_watch_reload(mayrelay_watch *watch, mayrelay_report **report);
mayrelay_policy *mayrelay_watch_ref_policy(mayrelay_watch *watch);
