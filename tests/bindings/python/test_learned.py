"""Scopes, advice, cases and coverage: that they say what the C library says is
in the replay."""
import gc
import json
import threading

import pytest

import mayrelay

POLICY = """
mayrelay: 1
domains: {inbound: [example.com]}
lists: {branches: [192.0.2.0/24, 198.51.100.7]}
relay:
  allow:
    - {name: office, clients: [$branches]}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def refused(policy):
    session = policy.session()
    session.connect("203.0.113.9")
    session.mail("a@b.example")
    assert not session.rcpt("c@far.example")
    return session


def test_scopes(file):
    policy = mayrelay.load(file)
    session = refused(policy)
    decision = session.decision
    assert decision.scope().startswith("connector default; client ")
    assert json.loads(decision.scope("json"))["fingerprint"] == (
        f"{decision.fingerprint():016x}")
    other = policy.check(client="203.0.113.10", sender="", recipient="d@x.example")
    assert other.fingerprint() == decision.fingerprint()
    session.reset()
    for call in decision.scope, decision.fingerprint:
        with pytest.raises(mayrelay.StaleError):
            call()
    with pytest.raises(ValueError):
        session.decision.scope("html")


def test_advice(file):
    session = refused(mayrelay.load(file))
    advice = session.advise(file)
    first = advice.edits[0]
    assert first.text in str(advice) and first.file == str(file)
    assert json.loads(advice.json)["edits"][0]["patch"] == first.patch
    file.write_text("mayrelay: 2")
    with pytest.raises(mayrelay.PolicyError):
        session.advise(file)
    assert not session.decision and advice.edits[0] == first


@pytest.mark.parametrize("path, error", [
    ("a\0b", ValueError), (5.0, TypeError), (None, TypeError),
    ("\ud800\udcff/", UnicodeEncodeError), ("x" * 10**7, mayrelay.PolicyError),
    ("/nowhere", mayrelay.PolicyError), ("", mayrelay.PolicyError)],
    ids=lambda it: repr(it)[:12])
def test_advice_about_what_is_no_policy(file, path, error):
    session = refused(mayrelay.load(file))
    with pytest.raises(error):
        session.advise(path)
    session.close()
    with pytest.raises(mayrelay.ClosedError):
        session.advise(file)


def test_cases(file):
    cases = mayrelay.load(file).cases()
    gc.collect()
    assert cases.extent == "combinations" and len(cases) > cases.combinations > 1
    rules = {json.loads(case.decision)["rule"] for case in cases}
    assert rules == {"office", None}
    assert all(json.loads(case.facts)["client"] for case in cases)
    few = mayrelay.load(file).cases(2)
    assert len(few) == 2 and few.extent == "partial"


@pytest.mark.parametrize("limit", [-1, 2**64, "5", None, 1.5])
def test_wrong_limits(file, limit):
    with pytest.raises((TypeError, OverflowError)):
        mayrelay.load(file).cases(limit)


def test_diffs(file):
    old = mayrelay.load(file)
    new = mayrelay.parse(POLICY.replace("192.0.2.0/24", "192.0.2.0/23"))
    diff = old.diff(new)
    back = new.diff(old)
    assert old.diff(mayrelay.load(file)).is_equivalent
    del old, new
    gc.collect()
    assert diff.verdict == "LOOSER" and back.verdict == "STRICTER"
    assert diff.count == len(diff.changes) > 0 and diff.bug is None
    assert diff.changes[0].effect == "gained" and not diff.is_equivalent
    assert "RCPT TO" in diff.changes[0].witness
    assert json.loads(diff.to_json())["verdict"] == "LOOSER"
    assert "192.0.2.0" in diff.to_text() or "192.0.3" in diff.to_text()
    for limit in -1, 2**64, "5", None, 1.5:
        with pytest.raises((TypeError, OverflowError)):
            diff.to_text(limit)
    for wrong in None, 5, "policy.yaml", diff:
        with pytest.raises((AttributeError, TypeError)):
            mayrelay.load(file).diff(wrong)


def test_coverage(file):
    policy = mayrelay.load(file)
    coverage = mayrelay.Coverage(policy)
    session = policy.session()
    with pytest.raises(mayrelay.StageError):
        coverage.add(session)
    session.connect("192.0.2.7")
    coverage.add(session)
    del policy
    gc.collect()
    branches, = (it for it in coverage.lists() if it.name == "$branches")
    assert (branches.entries, branches.matched) == (2, 1)
    assert [str(place) for place in branches.missed] == [f"{file}:4"]
    with pytest.raises(mayrelay.Error):
        coverage.add(refused(mayrelay.load(file)))
    session.close()
    with pytest.raises(mayrelay.ClosedError):
        coverage.add(session)
    for wrong in None, 5, file:
        with pytest.raises((AttributeError, TypeError)):
            coverage.add(wrong)
        with pytest.raises((AttributeError, TypeError)):
            mayrelay.Coverage(wrong)


def test_threads_share_coverage(file):
    policy = mayrelay.load(file)
    coverage, wrong = mayrelay.Coverage(policy), []

    def work(number):
        session = policy.session()
        for host in range(100):
            session.connect(f"192.0.2.{host}" if number else "198.51.100.7")
            coverage.add(session)
            if not coverage.lists():
                wrong.append(host)
    threads = [threading.Thread(target=work, args=[i]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert any(it.matched == 2 for it in coverage.lists())


def test_logs(file):
    session = refused(mayrelay.load(file))
    line = session.to_log(time="12:00", id="7")
    assert line.startswith("mayrelay=1 time=12:00 id=7 ")
    assert json.loads(session.to_log("json"))["reason"] == "relay-denied"
    for error, facts in ((ValueError, {"time": "a\0b"}),
                         (TypeError, {"id": 5}),
                         (UnicodeEncodeError, {"id": "\ud800"})):
        with pytest.raises(error):
            session.to_log(**facts)
    with pytest.raises(ValueError):
        session.to_log("html")
    assert session.to_log(id="x" * 10**6).count("x") > 10**5


def test_html(file):
    page = mayrelay.load(file).audit().to_html()
    assert page.startswith("<!DOCTYPE html>") and "<script" not in page
    assert mayrelay.load(file).audit().disagreement is None
