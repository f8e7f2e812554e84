//! The C interface, for calls that the safe one does not have; what each does
//! and promises is in the headers of its name.

use std::os::raw::{c_char, c_int, c_uint, c_void};

macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
            // Neither Send nor Sync by itself.
            _marker: std::marker::PhantomData<*mut u8>,
        }
    )*};
}

opaque! {
    mayrelay_policy mayrelay_report mayrelay_session mayrelay_decision
    mayrelay_resolver mayrelay_dns_answer mayrelay_watch mayrelay_audit
    mayrelay_audit_options mayrelay_advice mayrelay_cases mayrelay_coverage
    mayrelay_diff
}

pub const MAYRELAY_OK: c_int = 0;
pub const MAYRELAY_ERR_ARGUMENT: c_int = -1;
pub const MAYRELAY_ERR_MEMORY: c_int = -2;
pub const MAYRELAY_ERR_TEXT: c_int = -3;
pub const MAYRELAY_ERR_STAGE: c_int = -4;
pub const MAYRELAY_ERR_IO: c_int = -5;
pub const MAYRELAY_KNOWN: c_int = 0;
pub const MAYRELAY_FAILED: c_int = 1;
pub const MAYRELAY_FACT_CLIENT_NAME: c_int = 1;
pub const MAYRELAY_FACT_GROUPS: c_int = 2;
pub const MAYRELAY_FACT_RECIPIENT: c_int = 4;
pub const MAYRELAY_RELOAD_NONE: c_int = 0;
pub const MAYRELAY_RELOAD_DONE: c_int = 1;

/// What prints into a buffer and returns the length it needs.
pub type Setter = unsafe extern "C" fn(*mut mayrelay_session, *const c_char, usize) -> c_int;

extern "C" {
    pub fn mayrelay_version() -> *const c_char;
    pub fn mayrelay_status_text(status: c_int) -> *const c_char;

    pub fn mayrelay_policy_load(
        path: *const c_char,
        flags: c_uint,
        report: *mut *mut mayrelay_report,
    ) -> *mut mayrelay_policy;
    pub fn mayrelay_policy_parse(
        text: *const c_char,
        size: usize,
        name: *const c_char,
        report: *mut *mut mayrelay_report,
    ) -> *mut mayrelay_policy;
    pub fn mayrelay_policy_save(policy: *const mayrelay_policy, image: *const c_char) -> c_int;
    pub fn mayrelay_policy_ref(policy: *mut mayrelay_policy) -> *mut mayrelay_policy;
    pub fn mayrelay_policy_unref(policy: *mut mayrelay_policy);
    pub fn mayrelay_policy_get_digest(policy: *const mayrelay_policy) -> *const c_char;
    pub fn mayrelay_policy_get_stamp(policy: *const mayrelay_policy) -> *const c_char;
    pub fn mayrelay_policy_get_facts(policy: *const mayrelay_policy) -> c_uint;
    pub fn mayrelay_policy_has_reroute(policy: *const mayrelay_policy) -> bool;
    pub fn mayrelay_policy_count_rules(policy: *const mayrelay_policy) -> usize;
    pub fn mayrelay_policy_get_rule(p: *const mayrelay_policy, i: usize) -> *const c_char;
    pub fn mayrelay_policy_get_rule_file(p: *const mayrelay_policy, i: usize) -> *const c_char;
    pub fn mayrelay_policy_get_rule_line(p: *const mayrelay_policy, i: usize) -> u32;
    pub fn mayrelay_check(
        policy: *mut mayrelay_policy,
        client: *const c_char,
        identity: *const c_char,
        sender: *const c_char,
        recipient: *const c_char,
        reply: *mut c_char,
        reply_size: usize,
    ) -> c_int;

    pub fn mayrelay_report_count(report: *const mayrelay_report) -> usize;
    pub fn mayrelay_report_get_id(r: *const mayrelay_report, i: usize) -> *const c_char;
    pub fn mayrelay_report_get_severity(r: *const mayrelay_report, i: usize) -> c_int;
    pub fn mayrelay_report_get_file(r: *const mayrelay_report, i: usize) -> *const c_char;
    pub fn mayrelay_report_get_line(r: *const mayrelay_report, i: usize) -> u32;
    pub fn mayrelay_report_get_column(r: *const mayrelay_report, i: usize) -> u32;
    pub fn mayrelay_report_get_text(r: *const mayrelay_report, i: usize) -> *const c_char;
    pub fn mayrelay_report_get_hint(r: *const mayrelay_report, i: usize) -> *const c_char;
    pub fn mayrelay_report_get_witness(r: *const mayrelay_report, i: usize) -> *const c_char;
    pub fn mayrelay_report_to_text(
        r: *const mayrelay_report,
        i: usize,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_report_free(report: *mut mayrelay_report);

    pub fn mayrelay_session_new(policy: *mut mayrelay_policy) -> *mut mayrelay_session;
    pub fn mayrelay_session_free(session: *mut mayrelay_session);
    pub fn mayrelay_session_connect(
        session: *mut mayrelay_session,
        client: *const c_char,
        listener: *const c_char,
    ) -> c_int;
    pub fn mayrelay_session_connect_addr(
        session: *mut mayrelay_session,
        client: *const c_void,
        client_size: usize,
        listener: *const c_void,
        listener_size: usize,
        listener_port: u16,
    ) -> c_int;
    pub fn mayrelay_session_mail(
        s: *mut mayrelay_session,
        text: *const c_char,
        size: usize,
    ) -> c_int;
    pub fn mayrelay_session_rcpt(
        s: *mut mayrelay_session,
        text: *const c_char,
        size: usize,
    ) -> c_int;
    pub fn mayrelay_session_resume(session: *mut mayrelay_session) -> c_int;
    pub fn mayrelay_session_reset(session: *mut mayrelay_session);
    pub fn mayrelay_session_tls(
        s: *mut mayrelay_session,
        text: *const c_char,
        size: usize,
    ) -> c_int;
    pub fn mayrelay_session_auth(
        s: *mut mayrelay_session,
        text: *const c_char,
        size: usize,
    ) -> c_int;
    pub fn mayrelay_session_add_client_name(
        s: *mut mayrelay_session,
        text: *const c_char,
        size: usize,
    ) -> c_int;
    pub fn mayrelay_session_add_group(
        s: *mut mayrelay_session,
        text: *const c_char,
        size: usize,
    ) -> c_int;
    pub fn mayrelay_session_set_recipient_exists(s: *mut mayrelay_session, exists: bool) -> c_int;
    pub fn mayrelay_session_answer(s: *mut mayrelay_session, fact: c_int, answer: c_int) -> c_int;
    pub fn mayrelay_session_take(
        s: *mut mayrelay_session,
        answer: *const mayrelay_dns_answer,
    ) -> c_int;
    pub fn mayrelay_session_rewrites(session: *mut mayrelay_session, rewrites: bool);
    pub fn mayrelay_session_get_decision(s: *const mayrelay_session) -> *const mayrelay_decision;

    pub fn mayrelay_verdict_name(verdict: c_int) -> *const c_char;
    pub fn mayrelay_reason_name(reason: c_int) -> *const c_char;
    pub fn mayrelay_kind_name(kind: c_int) -> *const c_char;
    pub fn mayrelay_decision_get_verdict(d: *const mayrelay_decision) -> c_int;
    pub fn mayrelay_decision_get_code(d: *const mayrelay_decision) -> c_int;
    pub fn mayrelay_decision_get_enhanced(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_text(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_reply(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_reason(d: *const mayrelay_decision) -> c_int;
    pub fn mayrelay_decision_get_kind(d: *const mayrelay_decision) -> c_int;
    pub fn mayrelay_decision_get_rule(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_file(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_line(d: *const mayrelay_decision) -> u32;
    pub fn mayrelay_decision_get_connector(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_recipient(d: *const mayrelay_decision) -> *const c_char;
    pub fn mayrelay_decision_get_is_relay(d: *const mayrelay_decision) -> bool;
    pub fn mayrelay_decision_get_needs(d: *const mayrelay_decision) -> c_uint;
    pub fn mayrelay_decision_to_json(
        d: *const mayrelay_decision,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_decision_explain(
        d: *const mayrelay_decision,
        format: c_int,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;

    pub fn mayrelay_decision_scope(
        d: *const mayrelay_decision,
        format: c_int,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_decision_get_fingerprint(d: *const mayrelay_decision) -> u64;
    pub fn mayrelay_session_to_log(
        s: *const mayrelay_session,
        format: c_int,
        time: *const c_char,
        id: *const c_char,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;

    pub fn mayrelay_resolver_new() -> *mut mayrelay_resolver;
    pub fn mayrelay_resolver_free(resolver: *mut mayrelay_resolver);
    pub fn mayrelay_resolver_set_servers(
        r: *mut mayrelay_resolver,
        servers: *const c_char,
    ) -> c_int;
    pub fn mayrelay_resolver_set_deadline_ms(r: *mut mayrelay_resolver, deadline: u32) -> c_int;
    pub fn mayrelay_resolver_get_fd(resolver: *mut mayrelay_resolver) -> c_int;
    pub fn mayrelay_resolver_dispatch(resolver: *mut mayrelay_resolver) -> c_int;
    pub fn mayrelay_resolver_ask(
        r: *mut mayrelay_resolver,
        client: *const c_char,
        token: u64,
    ) -> c_int;
    pub fn mayrelay_resolver_next(
        r: *mut mayrelay_resolver,
        token: *mut u64,
    ) -> *mut mayrelay_dns_answer;
    pub fn mayrelay_resolver_cancel(resolver: *mut mayrelay_resolver, token: u64);
    pub fn mayrelay_resolver_resolve(
        r: *mut mayrelay_resolver,
        client: *const c_char,
        timeout_ms: u32,
    ) -> *mut mayrelay_dns_answer;
    pub fn mayrelay_dns_result_name(result: c_int) -> *const c_char;
    pub fn mayrelay_dns_answer_is_known(a: *const mayrelay_dns_answer) -> bool;
    pub fn mayrelay_dns_answer_count(a: *const mayrelay_dns_answer) -> usize;
    pub fn mayrelay_dns_answer_get_name(a: *const mayrelay_dns_answer, i: usize) -> *const c_char;
    pub fn mayrelay_dns_answer_get_client(a: *const mayrelay_dns_answer) -> *const c_char;
    pub fn mayrelay_dns_answer_get_result(a: *const mayrelay_dns_answer) -> c_int;
    pub fn mayrelay_dns_answer_get_ttl(a: *const mayrelay_dns_answer) -> u32;
    pub fn mayrelay_dns_answer_explain(
        a: *const mayrelay_dns_answer,
        format: c_int,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_dns_answer_free(answer: *mut mayrelay_dns_answer);

    pub fn mayrelay_audit_options_new() -> *mut mayrelay_audit_options;
    pub fn mayrelay_audit_options_free(options: *mut mayrelay_audit_options);
    pub fn mayrelay_audit_options_trust(
        options: *mut mayrelay_audit_options,
        network: *const c_char,
    ) -> c_int;
    pub fn mayrelay_policy_audit(
        policy: *mut mayrelay_policy,
        options: *const mayrelay_audit_options,
        report: *mut *mut mayrelay_report,
    ) -> *mut mayrelay_audit;
    pub fn mayrelay_audit_free(audit: *mut mayrelay_audit);
    pub fn mayrelay_audit_source_name(source: c_int) -> *const c_char;
    pub fn mayrelay_audit_verdict_name(verdict: c_int) -> *const c_char;
    pub fn mayrelay_audit_get_verdict(a: *const mayrelay_audit, source: c_int) -> c_int;
    pub fn mayrelay_audit_is_closed(a: *const mayrelay_audit) -> bool;
    pub fn mayrelay_audit_save(a: *const mayrelay_audit, image_path: *const c_char) -> c_int;
    pub fn mayrelay_audit_unknown_is_closed(a: *const mayrelay_audit) -> bool;
    pub fn mayrelay_audit_get_reason(a: *const mayrelay_audit, source: c_int) -> *const c_char;
    pub fn mayrelay_audit_get_witness(a: *const mayrelay_audit, source: c_int) -> *const c_char;
    pub fn mayrelay_audit_to_text(
        a: *const mayrelay_audit,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_audit_to_json(
        a: *const mayrelay_audit,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_audit_to_html(
        a: *const mayrelay_audit,
        findings: *const mayrelay_report,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_audit_get_disagreement(a: *const mayrelay_audit) -> *const c_char;

    pub fn mayrelay_session_advise(
        s: *const mayrelay_session,
        path: *const c_char,
        report: *mut *mut mayrelay_report,
    ) -> *mut mayrelay_advice;
    pub fn mayrelay_advice_free(advice: *mut mayrelay_advice);
    pub fn mayrelay_advice_count(advice: *const mayrelay_advice) -> usize;
    pub fn mayrelay_advice_get_note(advice: *const mayrelay_advice) -> *const c_char;
    pub fn mayrelay_advice_get_text(it: *const mayrelay_advice, index: usize) -> *const c_char;
    pub fn mayrelay_advice_get_file(it: *const mayrelay_advice, index: usize) -> *const c_char;
    pub fn mayrelay_advice_get_patch(it: *const mayrelay_advice, index: usize) -> *const c_char;
    pub fn mayrelay_advice_get_rule(it: *const mayrelay_advice, index: usize) -> *const c_char;
    pub fn mayrelay_advice_get_radius(it: *const mayrelay_advice, index: usize) -> *const c_char;
    pub fn mayrelay_advice_get_warning(it: *const mayrelay_advice, index: usize) -> *const c_char;
    pub fn mayrelay_advice_get_line(it: *const mayrelay_advice, index: usize) -> u32;
    pub fn mayrelay_advice_to_text(
        advice: *const mayrelay_advice,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_advice_to_json(
        advice: *const mayrelay_advice,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;

    pub fn mayrelay_policy_diff(
        old_policy: *mut mayrelay_policy,
        new_policy: *mut mayrelay_policy,
    ) -> *mut mayrelay_diff;
    pub fn mayrelay_diff_free(diff: *mut mayrelay_diff);
    pub fn mayrelay_diff_verdict_name(verdict: c_int) -> *const c_char;
    pub fn mayrelay_diff_effect_name(effect: c_int) -> *const c_char;
    pub fn mayrelay_diff_get_verdict(diff: *const mayrelay_diff) -> c_int;
    pub fn mayrelay_diff_get_bug(diff: *const mayrelay_diff) -> *const c_char;
    pub fn mayrelay_diff_count(diff: *const mayrelay_diff) -> u64;
    pub fn mayrelay_diff_count_shown(diff: *const mayrelay_diff) -> usize;
    pub fn mayrelay_diff_get_effect(diff: *const mayrelay_diff, index: usize) -> c_int;
    pub fn mayrelay_diff_get_witness(diff: *const mayrelay_diff, index: usize) -> *const c_char;
    pub fn mayrelay_diff_to_text(
        diff: *const mayrelay_diff,
        limit: usize,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;
    pub fn mayrelay_diff_to_json(
        diff: *const mayrelay_diff,
        limit: usize,
        buffer: *mut c_char,
        size: usize,
    ) -> usize;

    pub fn mayrelay_policy_cases(policy: *mut mayrelay_policy, limit: usize)
        -> *mut mayrelay_cases;
    pub fn mayrelay_cases_free(cases: *mut mayrelay_cases);
    pub fn mayrelay_cases_count(cases: *const mayrelay_cases) -> usize;
    pub fn mayrelay_cases_get_extent(cases: *const mayrelay_cases) -> c_int;
    pub fn mayrelay_cases_get_combinations(cases: *const mayrelay_cases) -> u64;
    pub fn mayrelay_cases_get_left_out(cases: *const mayrelay_cases) -> u64;
    pub fn mayrelay_cases_extent_name(extent: c_int) -> *const c_char;
    pub fn mayrelay_cases_get_facts(it: *const mayrelay_cases, index: usize) -> *const c_char;
    pub fn mayrelay_cases_get_decision(it: *const mayrelay_cases, index: usize) -> *const c_char;

    pub fn mayrelay_coverage_new(policy: *mut mayrelay_policy) -> *mut mayrelay_coverage;
    pub fn mayrelay_coverage_free(coverage: *mut mayrelay_coverage);
    pub fn mayrelay_coverage_add(
        c: *mut mayrelay_coverage,
        session: *const mayrelay_session,
    ) -> c_int;
    pub fn mayrelay_coverage_count(coverage: *mut mayrelay_coverage) -> c_int;
    pub fn mayrelay_coverage_count_lists(coverage: *const mayrelay_coverage) -> usize;
    pub fn mayrelay_coverage_get_list(it: *const mayrelay_coverage, index: usize) -> *const c_char;
    pub fn mayrelay_coverage_get_list_file(
        it: *const mayrelay_coverage,
        index: usize,
    ) -> *const c_char;
    pub fn mayrelay_coverage_get_list_line(it: *const mayrelay_coverage, index: usize) -> u32;
    pub fn mayrelay_coverage_get_list_entries(it: *const mayrelay_coverage, index: usize) -> usize;
    pub fn mayrelay_coverage_get_list_matched(it: *const mayrelay_coverage, index: usize) -> usize;
    pub fn mayrelay_coverage_get_missed_file(
        c: *const mayrelay_coverage,
        index: usize,
        number: usize,
    ) -> *const c_char;
    pub fn mayrelay_coverage_get_missed_line(
        c: *const mayrelay_coverage,
        index: usize,
        number: usize,
    ) -> u32;

    pub fn mayrelay_watch_new(
        path: *const c_char,
        flags: c_uint,
        report: *mut *mut mayrelay_report,
    ) -> *mut mayrelay_watch;
    pub fn mayrelay_watch_free(watch: *mut mayrelay_watch);
    pub fn mayrelay_watch_get_fd(watch: *const mayrelay_watch) -> c_int;
    pub fn mayrelay_watch_dispatch(
        watch: *mut mayrelay_watch,
        report: *mut *mut mayrelay_report,
    ) -> c_int;
    pub fn mayrelay_watch_reload(
        watch: *mut mayrelay_watch,
        report: *mut *mut mayrelay_report,
    ) -> c_int;
    pub fn mayrelay_watch_ref_policy(watch: *mut mayrelay_watch) -> *mut mayrelay_policy;
}
