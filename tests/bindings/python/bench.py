"""What a call costs in Python, beside one that does nothing (cffi, API mode).

usage: bench.py NOOP-LIBRARY
"""
import os
import sys
import tempfile
import timeit

import cffi

import mayrelay
from mayrelay._library import ffi as our_ffi, lib

SHAPE = ("int binding_noop(void *, const char *, const char *, const char *, "
         "const char *, char *, size_t);")
FACTS = (b"10.1.2.3", b"alice", b"a@sender.example", b"x@far.example")
POLICY = """
mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
"""
CALLS = 100_000


def bare_library(noop):
    folder, name = os.path.split(noop)
    ffi = cffi.FFI()
    ffi.cdef(SHAPE)
    ffi.set_source("_noop", SHAPE, libraries=[name[3:-3]],
                   library_dirs=[folder],
                   extra_link_args=["-Wl,-rpath," + folder])
    with tempfile.TemporaryDirectory() as place:
        ffi.compile(tmpdir=place)
        sys.path.insert(0, place)
        import _noop
    return _noop.ffi, _noop.lib


def measure(name, call):
    seconds = min(timeit.repeat(call, number=CALLS, repeat=3))
    print(f"python   {name:40} {seconds / CALLS * 1e9:8.0f} ns")


def main(noop):
    policy = mayrelay.parse(POLICY)
    bare_ffi, bare = bare_library(noop)
    reply, bare_reply = our_ffi.new("char[512]"), bare_ffi.new("char[512]")
    session = policy.session()
    session.connect("10.1.2.3")
    session.mail("a@sender.example")
    measure("a bare call that does nothing", lambda: bare.binding_noop(
        bare_ffi.NULL, *FACTS, bare_reply, 512))
    measure("a bare call of mayrelay_check", lambda: lib.mayrelay_check(
        policy._handle, *FACTS, reply, 512))
    measure("policy.check: a session and a decision", lambda: policy.check(
        client="10.1.2.3", identity="alice", sender="a@sender.example",
        recipient="x@far.example"))
    measure("session.rcpt", lambda: session.rcpt("x@far.example"))


main(sys.argv[1])
