#!/usr/bin/python3
"""The headers as they stand are what Python's cffi parses.

usage: test_cffi.py DECLARATIONS LIBRARY

DECLARATIONS is mayrelay.h behind the preprocessor, as declarations.py prints
it; no compiler is needed to call the library (ABI mode).
"""
import sys

from cffi import FFI

POLICY = b"""
mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
"""


class Library:
    def __init__(self, declarations, library):
        self.ffi = FFI()
        with open(declarations, encoding="utf-8") as text:
            self.ffi.cdef(text.read())
        self.calls = self.ffi.dlopen(library)

    def text(self, value):
        return None if value == self.ffi.NULL else self.ffi.string(value).decode()


def one_call(library, policy):
    reply = library.ffi.new("char[512]")
    code = library.calls.mayrelay_check(policy, b"203.0.113.9", library.ffi.NULL,
                                        b"a@b.example", b"c@far.example",
                                        reply, 512)
    assert code == 550, code
    assert library.text(reply).startswith("550 5.7.1 Unable to relay")


def one_session(library, policy):
    calls = library.calls
    session = calls.mayrelay_session_new(policy)
    assert calls.mayrelay_session_connect(
        session, b"10.1.2.3", b"192.0.2.25:25") == 250
    assert calls.mayrelay_session_mail(session, b"<>", 2) == 250
    assert calls.mayrelay_session_rcpt(session, b"<c@far.example>", 15) == 250
    decision = calls.mayrelay_session_get_decision(session)
    assert calls.mayrelay_decision_get_verdict(decision) == calls.MAYRELAY_ACCEPT
    assert library.text(calls.mayrelay_decision_get_rule(decision)) == "office"
    assert calls.mayrelay_decision_get_is_relay(decision)
    calls.mayrelay_session_free(session)


def a_broken_policy(library):
    report = library.ffi.new("mayrelay_report **")
    policy = library.calls.mayrelay_policy_parse(b"mayrelay: 2", 11, b"text",
                                                 report)
    assert policy == library.ffi.NULL
    assert library.calls.mayrelay_report_count(report[0]) > 0
    library.calls.mayrelay_report_free(report[0])


def a_resolver(library, policy):
    """Nobody answers at port 1: the look-up fails, and that is an answer."""
    calls = library.calls
    resolver = calls.mayrelay_resolver_new()
    if resolver == library.ffi.NULL:
        return  # built without DNS
    assert calls.mayrelay_resolver_set_servers(resolver, b"127.0.0.1:1") == 0
    assert calls.mayrelay_resolver_get_fd(resolver) >= 0
    assert calls.mayrelay_resolver_ask(resolver, b"192.0.2.1", 2 ** 63) == 0
    answer = calls.mayrelay_resolver_resolve(resolver, b"192.0.2.1", 5000)
    token = library.ffi.new("uint64_t *")
    same = calls.mayrelay_resolver_next(resolver, token)
    assert token[0] == 2 ** 63
    calls.mayrelay_resolver_free(resolver)
    assert library.text(calls.mayrelay_dns_answer_get_client(same)) == "192.0.2.1"
    assert calls.mayrelay_dns_answer_get_result(answer) \
        == calls.MAYRELAY_DNS_UNREACHABLE
    assert not calls.mayrelay_dns_answer_is_known(answer)
    session = calls.mayrelay_session_new(policy)
    calls.mayrelay_session_connect(session, b"192.0.2.1", library.ffi.NULL)
    assert calls.mayrelay_session_take(session, answer) == 0
    calls.mayrelay_session_free(session)
    calls.mayrelay_dns_answer_free(answer)
    calls.mayrelay_dns_answer_free(same)


def main(declarations, path):
    library = Library(declarations, path)
    policy = library.calls.mayrelay_policy_parse(POLICY, len(POLICY), b"text",
                                                 library.ffi.NULL)
    assert policy != library.ffi.NULL
    one_call(library, policy)
    one_session(library, policy)
    a_broken_policy(library)
    a_resolver(library, policy)
    library.calls.mayrelay_policy_unref(policy)
    print("4 passed, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
