"""Lifetimes, threads, fork, and whatever a careless caller hands over."""
import gc
import ipaddress
import itertools
import json
import os
import subprocess
import sys
import threading

import pytest

import mayrelay

SESSIONS = int(os.environ.get("MAYRELAY_SESSIONS", "20000"))
POLICY = """
mayrelay: 1
domains: {inbound: [example.com]}
lists: {never-used: [192.0.2.0/24]}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: staff, users: [joe]}
    - {name: known, clients: [.trusted.example]}
"""
FACTS = dict(client="203.0.113.9", client_names=[], sender="a@b.example",
             recipient="c@far.example")
WRONG_TYPES = [1, 1.5, ["a"], object(), bytearray(b"a"), True]
WRONG_TEXTS = ["a\0b@example.com", "\udc80@example.com", b"\xff\xfe", "x" * 10**7]


@pytest.fixture
def policy():
    return mayrelay.parse(POLICY, "policy.yaml")


@pytest.fixture
def session(policy):
    session = policy.session()
    session.connect("10.1.2.3")
    session.mail("a@b.example")
    assert session.rcpt("c@far.example")
    return session


def resident():
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def accepts_nothing(session):
    return not session.decision and not session.resume()


# -- the face -----------------------------------------------------------------

def test_one_check(policy):
    decision = policy.check(**FACTS)
    assert decision.verdict == "reject" and not decision
    assert decision.reply == f"550 5.7.1 {decision.text}"
    assert decision.source is None and decision.is_relay
    assert "does not hold" in decision.explain()
    assert json.loads(decision.explain("json"))["decision"]["code"] == 550
    assert json.loads(decision.to_json())["reason"] == "relay-denied"


def test_every_fact_of_a_check_counts(policy):
    assert policy.check(**FACTS, identity="joe").rule == "staff"
    named = {**FACTS, "client_names": ["a.trusted.example"]}
    assert policy.check(**named).rule == "known"
    unknown = {**FACTS, "client_names": None}
    assert policy.check(**unknown).needs == {"client-name"}
    failed = {**FACTS, "client_names": mayrelay.FAILED}
    assert policy.check(**failed).verdict == "defer"
    assert policy.check(client=ipaddress.ip_address("10.1.1.1"),
                        sender="<>", recipient="c@far.example")
    assert policy.check(client="10.1.1.1", sender="a..b@x.example").reason \
        == "bad-sender"
    assert policy.check(client="10.1.1.1").reason == "proceed"


def test_groups_certificates_and_mailboxes():
    policy = mayrelay.parse("""
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}]}
groups: {admins: ask}
relay:
  allow:
    - {name: admins, users: [$admins]}
    - {name: machine, certificates: ['%s']}
""" % ("ab" * 32))
    assert policy.facts == {"groups", "recipient"}
    facts = {**FACTS, "identity": "joe"}
    assert policy.check(**facts).needs == {"groups"}
    assert policy.check(**facts, groups=["admins"]).rule == "admins"
    assert policy.check(**facts, groups=[]).verdict == "reject"
    assert policy.check(**facts, groups=mayrelay.FAILED).verdict == "defer"
    assert policy.check(**FACTS, certificate="AB" * 32).rule == "machine"
    ours = {**FACTS, "recipient": "joe@example.com"}
    assert policy.check(**ours).needs == {"recipient"}
    assert policy.check(**ours, recipient_exists=True)
    assert policy.check(**ours, recipient_exists=False).reason \
        == "unknown-recipient"
    assert policy.check(**ours, recipient_exists=mayrelay.FAILED).code == 451


def test_errors_have_file_and_line():
    with pytest.raises(mayrelay.PolicyError) as caught:
        mayrelay.parse("mayrelay: 1\nrelay: {alow: []}\n", "bad.yaml")
    first = caught.value.first
    assert (first.file, first.line, first.severity) == ("bad.yaml", 2, "error")
    assert str(caught.value).count("bad.yaml:2:9: error:") == 1
    with pytest.raises(mayrelay.PolicyError, match="nowhere"):
        mayrelay.load("/nowhere/policy.yaml")


def test_warnings_of_a_good_policy(policy):
    assert [it.severity for it in policy.warnings] == ["warning"]


def test_images(policy, tmp_path):
    policy.save(tmp_path / "policy.mrp")
    image = mayrelay.load(tmp_path / "policy.mrp", copy=True, verify=True)
    assert image.digest == policy.digest
    with pytest.raises(OSError):
        policy.save(tmp_path / "no" / "policy.mrp")
    with pytest.raises(mayrelay.PolicyError):
        mayrelay.load(tmp_path / "policy.mrp", require_closed=True)


def test_reroute_wants_a_host_that_rewrites():
    policy = mayrelay.parse(
        "mayrelay: 1\ndomains: {reroute: {old.example: new.example}}")
    assert policy.has_reroute
    facts = {**FACTS, "recipient": "a@old.example"}
    assert policy.check(**facts).reason == "cannot-rewrite"
    assert policy.check(**facts, rewrites=True).recipient == "a@new.example"


def test_a_decision_is_a_copy(session):
    first = session.decision
    session.rcpt("b@example.com")
    assert first.recipient == "c@far.example" and first.reason == "relay-allowed"
    with pytest.raises(mayrelay.StaleError):
        first.explain()
    with pytest.raises(ValueError):
        session.decision.explain("html")


# -- lifetimes ----------------------------------------------------------------

def test_a_session_outlives_its_policy():
    session = mayrelay.parse(POLICY).session()
    gc.collect()
    session.connect("10.1.2.3")
    session.mail("")
    decision = session.rcpt("c@far.example")
    del session
    gc.collect()
    assert decision and "office" in decision.explain()


@pytest.mark.parametrize("order", itertools.permutations(range(4)))
def test_any_order_of_garbage(order, tmp_path):
    """Whatever goes first, what is left still works."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    watch = mayrelay.Watch(tmp_path / "policy.yaml")
    policy = watch.policy
    things = [watch, policy, policy.session(), policy.audit()]
    works = [lambda it: it.policy.rules, lambda it: it.rules,
             lambda it: it.connect("10.1.2.3"), lambda it: it.to_text()]
    del watch, policy
    for index in order:
        things[index] = None
        gc.collect(0)
        assert all(work(it) for work, it in zip(works, things) if it is not None)


def test_cycles_are_garbage_too(policy):
    class Holder:
        pass
    for _ in range(1000):
        holder = Holder()
        holder.session, holder.itself = policy.session(), holder
    del holder
    assert gc.collect() > 0


def test_closed_sessions(policy):
    with policy.session() as session:
        decision = session.connect("10.1.2.3")
    session.close()
    for call in (session.resume, session.reset, decision.explain,
                 lambda: session.connect("10.1.2.3"), session.tls,
                 lambda: session.rcpt(5), lambda: session.groups([]),
                 lambda: session.decision):
        with pytest.raises((mayrelay.ClosedError, mayrelay.StaleError)):
            call()


def test_many_sessions_at_flat_memory(policy):
    def some(number):
        for _ in range(number):
            session = policy.session()
            session.connect("10.1.2.3")
            session.auth("joe")
            session.mail("a@b.example")
            session.rcpt("c@far.example").explain()
    some(min(SESSIONS, 5000))
    before = resident()
    some(SESSIONS)
    assert resident() - before < 4 << 20


def test_many_broken_policies_at_flat_memory():
    def some(number):
        for _ in range(number):
            with pytest.raises(mayrelay.PolicyError):
                mayrelay.parse("mayrelay: 1\nrelay: {alow: []}\n")
    some(1000)
    before = resident()
    some(3000)
    assert resident() - before < 4 << 20


# -- threads and fork ---------------------------------------------------------

def in_threads(work, count=8):
    wrong = []

    def guarded(number):
        try:
            work(number)
        except BaseException as error:  # told by the test, not the thread
            wrong.append(error)
    threads = [threading.Thread(target=guarded, args=(number,))
               for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_threads_share_a_policy(policy):
    def work(number):
        for _ in range(500):
            decision = policy.check(client=f"10.0.0.{number}", sender="",
                                    recipient="c@far.example")
            assert decision.rule == "office"
    in_threads(work)


def test_threads_on_one_session_wait_for_each_other(policy):
    session = policy.session()

    def work(number):
        for _ in range(300):
            session.connect(f"10.0.0.{number}")
            session.mail("a@b.example")
            decision = session.rcpt(f"user{number}@example.com")
            assert decision.recipient in (f"user{number}@example.com", None)
            session.reset()
    in_threads(work)


def test_threads_close_what_others_use(policy):
    def work(number):
        try:
            session.connect("10.1.2.3")
            session.rcpt("c@far.example")
            session.close() if number % 2 else session.reset()
        except mayrelay.ClosedError:
            pass
    for _ in range(100):
        session = policy.session()
        in_threads(work, 4)


def test_fork(policy, session):
    child = os.fork()
    if child == 0:
        good = policy.check(**FACTS).code == 550 and session.rcpt(
            "d@far.example") and policy.session().connect("10.1.1.1")
        del policy, session
        gc.collect()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert session.rcpt("d@far.example")


def test_the_end_of_the_interpreter():
    code = ("import mayrelay; p = mayrelay.parse('mayrelay: 1'); "
            "s = p.session(); d = s.connect('10.1.1.1')")
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# -- bad input ----------------------------------------------------------------

TAKE_TEXT = ["mail", "rcpt", "tls", "auth", "connect"]


@pytest.mark.parametrize("call", TAKE_TEXT)
@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
def test_wrong_types(session, call, value):
    with pytest.raises(TypeError):
        getattr(session, call)(value)
    assert accepts_nothing(session)


@pytest.mark.parametrize("call", TAKE_TEXT)
@pytest.mark.parametrize("value", WRONG_TEXTS, ids=lambda text: repr(text[:9]))
def test_wrong_texts(session, call, value):
    """An exception, or a decision that says so."""
    try:
        decision = getattr(session, call)(value)
        assert decision is not None and not decision
    except ValueError:
        pass
    assert accepts_nothing(session)


WRONG_LISTS = ["text", b"text", 5, None, [5], ["x.trusted.example", None],
               ["a\0b"], ["\ud800"]]


@pytest.mark.parametrize("call", ["client_names", "groups"])
@pytest.mark.parametrize("texts", WRONG_LISTS, ids=lambda it: repr(it)[:9])
def test_wrong_lists(session, call, texts):
    if call == "client_names" and texts == ["a\0b"]:
        return  # a name that nobody has: see the next test
    with pytest.raises((TypeError, ValueError)):
        getattr(session, call)(texts)
    assert accepts_nothing(session)
    getattr(session, call)([])
    assert session.resume()


@pytest.mark.parametrize("names", [
    ["a\0.trusted.example"], ["x" * 10**6], ["a.trusted.example", "b..example"],
    [f"a{number}.trusted.example" for number in range(101)]],
    ids=lambda it: repr(it)[:9])
def test_names_that_nobody_has(policy, names):
    """Nothing is known of the client's names then."""
    session = policy.session()
    session.connect("203.0.113.9")
    session.mail("a@b.example")
    try:
        session.client_names(names)
    except ValueError:
        pass
    assert not session.rcpt("c@far.example")
    session.client_names(["a.trusted.example"])
    assert session.resume()
    session.client_names([])
    assert session.resume().reason == "relay-denied"


def test_lists_that_raise(session):
    def groups():
        yield "admins"
        raise KeyError("a look-up of the host's")
    with pytest.raises(KeyError):
        session.groups(groups())
    assert accepts_nothing(session)


def test_lists_that_use_the_session(session):
    session.client_names(session.decision.enhanced for _ in range(1))
    assert session.resume()


def test_stages_and_existence(policy, session):
    with pytest.raises(mayrelay.StageError):
        policy.session().recipient_exists(True)
    with pytest.raises(TypeError):
        session.recipient_exists("yes")
    with pytest.raises(TypeError):
        session.recipient_exists(1)


def test_wrong_policies():
    for source in (None, 5, ["mayrelay: 1"]):
        with pytest.raises(TypeError):
            mayrelay.parse(source)
        with pytest.raises(TypeError):
            mayrelay.load(source if source != 5 else 5.0)
    for source in ("mayrelay: 1\0", "\udcff", b"\xff", "[" * 10**6, ""):
        with pytest.raises(ValueError):
            mayrelay.parse(source)
    for name in ("a\0b", "x" * 10**6):
        with pytest.raises(ValueError):
            mayrelay.load(name)
    with pytest.raises(TypeError):
        mayrelay.Policy()
    with pytest.raises((TypeError, AttributeError)):
        mayrelay.Session(None)


def test_wrong_arguments_of_check(policy):
    for facts in (dict(client=None), dict(client="10.1.1.1", sender=5),
                  dict(client="10.1.1.1", groups="admins"),
                  dict(client="10.1.1.1", unknown=1), {}):
        with pytest.raises(TypeError):
            policy.check(**facts)


# -- types --------------------------------------------------------------------

def test_types():
    pytest.importorskip("mypy")
    folder = os.path.dirname(mayrelay.__file__)
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir=/dev/null",
         "-p", "mayrelay"], cwd=os.path.dirname(folder), capture_output=True)
    assert result.returncode == 0, result.stdout.decode()
