// The C library as koffi sees it; texts go in as octets and a length wherever
// the library takes one.
import koffi from 'koffi'

const library = koffi.load('libmayrelay.so.0')

for (const name of ['policy', 'report', 'session', 'decision', 'resolver',
                    'dns_answer', 'watch', 'audit', 'audit_options', 'advice',
                    'cases', 'coverage', 'diff'])
    koffi.opaque(`mayrelay_${name}`)

const DECLARED = `
const char *mayrelay_version()
const char *mayrelay_status_text(int status)

mayrelay_policy *mayrelay_policy_load(const char *path, unsigned int flags, _Out_ mayrelay_report **report)
mayrelay_policy *mayrelay_policy_parse(const void *text, size_t size, const char *name, _Out_ mayrelay_report **report)
int mayrelay_policy_save(const mayrelay_policy *policy, const char *path)
void mayrelay_policy_unref(mayrelay_policy *policy)
const char *mayrelay_policy_get_digest(const mayrelay_policy *policy)
unsigned int mayrelay_policy_get_facts(const mayrelay_policy *policy)
const char *mayrelay_policy_get_stamp(const mayrelay_policy *policy)
bool mayrelay_policy_has_reroute(const mayrelay_policy *policy)
size_t mayrelay_policy_count_rules(const mayrelay_policy *policy)
const char *mayrelay_policy_get_rule(const mayrelay_policy *policy, size_t index)
const char *mayrelay_policy_get_rule_file(const mayrelay_policy *policy, size_t index)
uint32_t mayrelay_policy_get_rule_line(const mayrelay_policy *policy, size_t index)

size_t mayrelay_report_count(const mayrelay_report *report)
int mayrelay_report_get_severity(const mayrelay_report *report, size_t index)
const char *mayrelay_report_get_id(const mayrelay_report *report, size_t index)
const char *mayrelay_report_get_file(const mayrelay_report *report, size_t index)
uint32_t mayrelay_report_get_line(const mayrelay_report *report, size_t index)
uint32_t mayrelay_report_get_column(const mayrelay_report *report, size_t index)
const char *mayrelay_report_get_text(const mayrelay_report *report, size_t index)
const char *mayrelay_report_get_hint(const mayrelay_report *report, size_t index)
const char *mayrelay_report_get_witness(const mayrelay_report *report, size_t index)
size_t mayrelay_report_to_text(const mayrelay_report *report, size_t index, void *buffer, size_t size)
void mayrelay_report_free(mayrelay_report *report)

mayrelay_session *mayrelay_session_new(mayrelay_policy *policy)
void mayrelay_session_free(mayrelay_session *session)
int mayrelay_session_connect(mayrelay_session *session, const char *client, const char *listener)
int mayrelay_session_mail(mayrelay_session *session, const void *text, size_t size)
int mayrelay_session_rcpt(mayrelay_session *session, const void *text, size_t size)
int mayrelay_session_resume(mayrelay_session *session)
void mayrelay_session_reset(mayrelay_session *session)
int mayrelay_session_tls(mayrelay_session *session, const void *text, size_t size)
int mayrelay_session_auth(mayrelay_session *session, const void *text, size_t size)
int mayrelay_session_add_client_name(mayrelay_session *session, const void *text, size_t size)
int mayrelay_session_add_group(mayrelay_session *session, const void *text, size_t size)
int mayrelay_session_set_recipient_exists(mayrelay_session *session, bool exists)
int mayrelay_session_answer(mayrelay_session *session, int fact, int answer)
int mayrelay_session_take(mayrelay_session *session, const mayrelay_dns_answer *answer)
void mayrelay_session_rewrites(mayrelay_session *session, bool rewrites)
const mayrelay_decision *mayrelay_session_get_decision(const mayrelay_session *session)
size_t mayrelay_session_to_log(const mayrelay_session *session, int format, const char *time, const char *id, void *buffer, size_t size)

size_t mayrelay_decision_to_json(const mayrelay_decision *decision, void *buffer, size_t size)
size_t mayrelay_decision_explain(const mayrelay_decision *decision, int format, void *buffer, size_t size)
size_t mayrelay_decision_scope(const mayrelay_decision *decision, int format, void *buffer, size_t size)
uint64_t mayrelay_decision_get_fingerprint(const mayrelay_decision *decision)

mayrelay_resolver *mayrelay_resolver_new()
void mayrelay_resolver_free(mayrelay_resolver *resolver)
int mayrelay_resolver_set_servers(mayrelay_resolver *resolver, const char *servers)
int mayrelay_resolver_set_deadline_ms(mayrelay_resolver *resolver, uint32_t deadline)
int mayrelay_resolver_get_fd(mayrelay_resolver *resolver)
int mayrelay_resolver_get_timeout_ms(const mayrelay_resolver *resolver)
int mayrelay_resolver_dispatch(mayrelay_resolver *resolver)
int mayrelay_resolver_ask(mayrelay_resolver *resolver, const char *client, uint64_t token)
mayrelay_dns_answer *mayrelay_resolver_next(mayrelay_resolver *resolver, _Out_ uint64_t *token)
const char *mayrelay_dns_result_name(int result)
bool mayrelay_dns_answer_is_known(const mayrelay_dns_answer *answer)
size_t mayrelay_dns_answer_count(const mayrelay_dns_answer *answer)
const char *mayrelay_dns_answer_get_name(const mayrelay_dns_answer *answer, size_t index)
const char *mayrelay_dns_answer_get_client(const mayrelay_dns_answer *answer)
int mayrelay_dns_answer_get_result(const mayrelay_dns_answer *answer)
uint32_t mayrelay_dns_answer_get_ttl(const mayrelay_dns_answer *answer)
size_t mayrelay_dns_answer_explain(const mayrelay_dns_answer *answer, int format, void *buffer, size_t size)
void mayrelay_dns_answer_free(mayrelay_dns_answer *answer)

mayrelay_audit_options *mayrelay_audit_options_new()
void mayrelay_audit_options_free(mayrelay_audit_options *options)
int mayrelay_audit_options_trust(mayrelay_audit_options *options, const char *network)
mayrelay_audit *mayrelay_policy_audit(mayrelay_policy *policy, const mayrelay_audit_options *options, _Out_ mayrelay_report **report)
void mayrelay_audit_free(mayrelay_audit *audit)
const char *mayrelay_audit_source_name(int source)
const char *mayrelay_audit_verdict_name(int verdict)
int mayrelay_audit_get_verdict(const mayrelay_audit *audit, int source)
bool mayrelay_audit_is_closed(const mayrelay_audit *audit)
int mayrelay_audit_save(const mayrelay_audit *audit, const char *image_path)
bool mayrelay_audit_unknown_is_closed(const mayrelay_audit *audit)
const char *mayrelay_audit_get_reason(const mayrelay_audit *audit, int source)
const char *mayrelay_audit_get_witness(const mayrelay_audit *audit, int source)
size_t mayrelay_audit_to_text(const mayrelay_audit *audit, void *buffer, size_t size)
size_t mayrelay_audit_to_json(const mayrelay_audit *audit, void *buffer, size_t size)
size_t mayrelay_audit_to_html(const mayrelay_audit *audit, const mayrelay_report *findings, void *buffer, size_t size)
const char *mayrelay_audit_get_disagreement(const mayrelay_audit *audit)

mayrelay_advice *mayrelay_session_advise(const mayrelay_session *session, const char *path, _Out_ mayrelay_report **report)
void mayrelay_advice_free(mayrelay_advice *advice)
size_t mayrelay_advice_count(const mayrelay_advice *advice)
const char *mayrelay_advice_get_note(const mayrelay_advice *advice)
const char *mayrelay_advice_get_text(const mayrelay_advice *advice, size_t index)
const char *mayrelay_advice_get_file(const mayrelay_advice *advice, size_t index)
uint32_t mayrelay_advice_get_line(const mayrelay_advice *advice, size_t index)
const char *mayrelay_advice_get_patch(const mayrelay_advice *advice, size_t index)
const char *mayrelay_advice_get_rule(const mayrelay_advice *advice, size_t index)
const char *mayrelay_advice_get_radius(const mayrelay_advice *advice, size_t index)
const char *mayrelay_advice_get_warning(const mayrelay_advice *advice, size_t index)
size_t mayrelay_advice_to_text(const mayrelay_advice *advice, void *buffer, size_t size)
size_t mayrelay_advice_to_json(const mayrelay_advice *advice, void *buffer, size_t size)

mayrelay_diff *mayrelay_policy_diff(mayrelay_policy *old_policy, mayrelay_policy *new_policy)
void mayrelay_diff_free(mayrelay_diff *diff)
const char *mayrelay_diff_verdict_name(int verdict)
const char *mayrelay_diff_effect_name(int effect)
int mayrelay_diff_get_verdict(const mayrelay_diff *diff)
const char *mayrelay_diff_get_bug(const mayrelay_diff *diff)
uint64_t mayrelay_diff_count(const mayrelay_diff *diff)
size_t mayrelay_diff_count_shown(const mayrelay_diff *diff)
int mayrelay_diff_get_effect(const mayrelay_diff *diff, size_t index)
const char *mayrelay_diff_get_witness(const mayrelay_diff *diff, size_t index)
size_t mayrelay_diff_to_text(const mayrelay_diff *diff, size_t limit, void *buffer, size_t size)
size_t mayrelay_diff_to_json(const mayrelay_diff *diff, size_t limit, void *buffer, size_t size)

mayrelay_cases *mayrelay_policy_cases(mayrelay_policy *policy, size_t limit)
void mayrelay_cases_free(mayrelay_cases *cases)
size_t mayrelay_cases_count(const mayrelay_cases *cases)
int mayrelay_cases_get_extent(const mayrelay_cases *cases)
uint64_t mayrelay_cases_get_combinations(const mayrelay_cases *cases)
uint64_t mayrelay_cases_get_left_out(const mayrelay_cases *cases)
const char *mayrelay_cases_extent_name(int extent)
const char *mayrelay_cases_get_facts(const mayrelay_cases *cases, size_t index)
const char *mayrelay_cases_get_decision(const mayrelay_cases *cases, size_t index)

mayrelay_coverage *mayrelay_coverage_new(mayrelay_policy *policy)
void mayrelay_coverage_free(mayrelay_coverage *coverage)
int mayrelay_coverage_add(mayrelay_coverage *coverage, const mayrelay_session *session)
int mayrelay_coverage_count(mayrelay_coverage *coverage)
size_t mayrelay_coverage_count_lists(const mayrelay_coverage *coverage)
const char *mayrelay_coverage_get_list(const mayrelay_coverage *coverage, size_t index)
const char *mayrelay_coverage_get_list_file(const mayrelay_coverage *coverage, size_t index)
uint32_t mayrelay_coverage_get_list_line(const mayrelay_coverage *coverage, size_t index)
size_t mayrelay_coverage_get_list_entries(const mayrelay_coverage *coverage, size_t index)
size_t mayrelay_coverage_get_list_matched(const mayrelay_coverage *coverage, size_t index)
const char *mayrelay_coverage_get_missed_file(const mayrelay_coverage *coverage, size_t index, size_t number)
uint32_t mayrelay_coverage_get_missed_line(const mayrelay_coverage *coverage, size_t index, size_t number)

mayrelay_watch *mayrelay_watch_new(const char *path, unsigned int flags, _Out_ mayrelay_report **report)
void mayrelay_watch_free(mayrelay_watch *watch)
int mayrelay_watch_get_fd(const mayrelay_watch *watch)
int mayrelay_watch_dispatch(mayrelay_watch *watch, _Out_ mayrelay_report **report)
int mayrelay_watch_reload(mayrelay_watch *watch, _Out_ mayrelay_report **report)
mayrelay_policy *mayrelay_watch_ref_policy(mayrelay_watch *watch)
`

/** Every call, without `mayrelay_`: lib.policy_load(...). */
export const lib = {}
for (const declared of DECLARED.split('\n').filter(Boolean)) {
    const name = declared.match(/mayrelay_(\w+)\(/)[1]
    lib[name] = library.func(declared)
}

/** koffi takes numbers for addresses: nothing else may come near it. */
export function handleOf(policy) {
    if (!policy?._handle)
        throw new TypeError('not a policy')
    return policy._handle
}

koffi.struct('mayrelay_pollfd', { fd: 'int', events: 'short', revents: 'short' })
const poll = koffi.load('libc.so.6').func(
    'int poll(_Inout_ mayrelay_pollfd *fds, unsigned long count, int timeout)')
const POLLIN = 1

/** Waits on another thread until the descriptor can be read, or so long. */
export function readable(fd, milliseconds) {
    return new Promise((resolve, reject) => {
        poll.async([{ fd, events: POLLIN, revents: 0 }], 1, milliseconds,
                   (error, count) => error ? reject(error) : resolve(count > 0))
    })
}

export const OK = 0
export const STATUS = { ARGUMENT: -1, MEMORY: -2, TEXT: -3, STAGE: -4, IO: -5 }
export const KNOWN = 0
export const FAIL = 1
export const FACTS = { 'client-name': 1, groups: 2, recipient: 4 }
export const FORMATS = { text: 0, json: 1 }
export const SOURCES = [0, 1, 2, 3]
export const OUTCOMES = ['none', 'done', 'failed']
export const LOAD = { copy: 1, verify: 2, requireClosed: 4 }
