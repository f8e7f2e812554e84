"""Who may relay where, and which rules there are."""
import gc
import json
import threading

import pytest

import mayrelay

POLICY = """
mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: office, clients: [192.0.2.0/24]}
    - {name: known, clients: [.trusted.example]}
    - {name: wide, clients: [32.0.0.0/3]}
"""


@pytest.fixture
def policy():
    return mayrelay.parse(POLICY, "policy.yaml")


def test_verdicts(policy):
    audit = policy.audit()
    stranger = audit.verdicts["stranger"]
    assert set(audit.verdicts) == {"stranger", "account", "dns", "host"}
    assert stranger.verdict == "OPEN" and "RCPT TO" in stranger.witness
    assert not stranger.is_closed and stranger.reason
    assert audit.verdicts["dns"].verdict == "OPEN"
    assert audit.verdicts["host"].is_closed and audit.unknown_is_closed
    assert audit.verdicts["host"].witness is None
    assert "stranger: OPEN" in repr(audit)
    with pytest.raises(TypeError):
        audit.verdicts["stranger"] = None


def test_the_whole_closure(policy):
    audit = policy.audit()
    whole = json.loads(audit.to_json())
    assert whole["verdicts"]["stranger"]["verdict"] == "OPEN"
    assert "192.0.2.0/24" in audit.to_text()


def test_findings_have_witnesses(policy):
    found = policy.audit().findings
    assert any(it.severity == "error" and it.witness and it.line
               for it in found)


def test_whom_we_trust(policy):
    ours = policy.audit(trust=["32.0.0.0/3", "192.0.2.0/24"])
    assert ours.verdicts["stranger"].is_closed
    assert not policy.audit(trust=["192.0.2.1"]).verdicts["stranger"].is_closed


def test_stamps(policy, tmp_path):
    image = tmp_path / "policy.mrp"
    policy.audit().save(image)
    assert not policy.audit().is_closed and policy.stamp is None
    assert mayrelay.load(image).stamp
    with pytest.raises(mayrelay.PolicyError):
        mayrelay.load(image, require_closed=True)
    closed = mayrelay.parse("mayrelay: 1").audit()
    closed.save(image)
    assert closed.is_closed and mayrelay.load(image, require_closed=True).stamp
    with pytest.raises(OSError):
        closed.save(tmp_path / "no" / "policy.mrp")
    with pytest.raises(ValueError):
        closed.save("a\0b")
    with pytest.raises(TypeError):
        closed.save(5.0)


@pytest.mark.parametrize("trust, error", [
    ("192.0.2.0/24", TypeError), (b"192.0.2.1", TypeError), (5, TypeError),
    ([5], TypeError), ([None], TypeError), (["nonsense"], ValueError),
    (["192.0.2.1\0"], ValueError), (["\ud800"], ValueError),
    (["1" * 10**7], ValueError)], ids=lambda it: repr(it)[:12])
def test_wrong_networks(policy, trust, error):
    with pytest.raises(error):
        policy.audit(trust=trust)


def test_it_outlives_its_policy(policy):
    audits = [mayrelay.parse(POLICY).audit() for _ in range(3)]
    gc.collect()
    said = [audit.to_json() for audit in audits]
    assert said[0] == said[1] == said[2]
    audits.clear()
    gc.collect()


def test_threads_read_one_audit(policy):
    audit, said = policy.audit(), []
    threads = [threading.Thread(target=lambda: said.append(audit.to_json()))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 4 and len(set(said)) == 1


def test_rules(policy):
    assert {(it.name, it.file, it.line) for it in policy.rules} == {
        ("office", "policy.yaml", 6), ("known", "policy.yaml", 7),
        ("wide", "policy.yaml", 8)}
    assert {str(it) for it in policy.rules} == {"office", "known", "wide"}
    assert mayrelay.parse("mayrelay: 1").rules == ()
