"""The pytest plugin, in runs of its own."""
pytest_plugins = ["pytester"]

POLICY = """
mayrelay: 1
relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}
"""
TESTS = """
import pytest

@pytest.fixture
def stranger(relay):
    return relay.given(client="203.0.113.9", sender="a@b.example")

def test_good(relay, stranger):
    stranger.rejects(recipient="c@far.example", reason="relay-denied")
    stranger.defers(client="nonsense", recipient="c@far.example")
    assert relay.accepts(client="10.1.1.1", sender="",
                         recipient="c@far.example").rule == "office"

def test_wrong_verdict(stranger):
    stranger.accepts(recipient="c@far.example")

def test_wrong_reason(stranger):
    stranger.rejects(recipient="c@far.example", reason="bad-sender")
"""


def run(pytester, policy):
    pytester.makeini("[pytest]\nmayrelay_policy = policy.yaml\n")
    pytester.makefile(".yaml", policy=policy)
    pytester.makepyfile(TESTS)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider")


def test_failures_are_explained(pytester):
    result = run(pytester, POLICY)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines([
        "expected accept", "decided  reject: relay-denied",
        "  client = '203.0.113.9'", "550 5.7.1 Unable to relay*",
        "*allow office (*policy.yaml:2): does not hold, wants a client in*",
        "expected reject: bad-sender"])


def test_a_policy_that_does_not_load(pytester):
    result = run(pytester, POLICY.replace("allow", "alow"))
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["*policy.yaml:2:*"])
