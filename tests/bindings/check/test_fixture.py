"""What tests with the fixture for Check say when they fail.

FAILING is the program of failing.c.
"""
import os
import subprocess

POLICY = """\
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}],
          reroute: {old.example: new.example}}
groups: {admins: ask}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: known, clients: [.trusted.example]}
    - {name: admins, users: [$admins]}
"""


def run(folder, policy):
    path = folder / "policy.yaml"
    path.write_text(policy)
    return subprocess.run([os.environ["FAILING"], path], capture_output=True,
                          encoding="utf-8", check=True).stdout


def test_failures_are_explained(tmp_path):
    said = run(tmp_path, POLICY)
    assert "25%: Checks: 4, Failures: 3, Errors: 0" in said
    for name in "wrong_verdict", "wrong_reason", "wrong_rule":
        assert f":{name}:0: expected " in said
    assert "expected accept (reason: any, rule: any" in said
    assert "decided  reject (reason: relay-denied, rule: none" in said
    assert "expected reject (reason: bad-sender" in said
    assert "expected accept (reason: any, rule: known" in said
    assert "decided  accept (reason: relay-allowed, rule: office" in said
    assert "failing.c:" in said
    assert "does not hold, wants a client in" in said


def test_a_policy_that_does_not_load(tmp_path):
    said = run(tmp_path, POLICY.replace("allow", "alow"))
    assert "0%: Checks: 4, Failures: 4, Errors: 0" in said
    assert said.count("policy.yaml does not load") == 4
    assert "policy.yaml:6:3: error: unknown key 'alow'" in said
