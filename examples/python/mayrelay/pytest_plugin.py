"""Tests of a policy, with pytest.

    # pytest.ini:  [pytest]
    #              mayrelay_policy = policy.yaml

    def test_strangers_may_not_relay(relay):
        relay.rejects(reason="relay-denied", client="203.0.113.9",
                      sender="a@sender.example", recipient="b@far.example")

A test that fails says which rule decided, and all that was tried.
"""
from __future__ import annotations

from typing import Any, Optional

import pytest

from .decision import Decision
from .policy import Policy, load


class Relay:
    """Says what a policy has to decide of the facts of Policy.check."""

    def __init__(self, policy: Policy, **usual: Any):
        self.policy = policy
        self.usual = usual

    def given(self, **usual: Any) -> Relay:
        """The same policy with facts that need not be said every time."""
        return Relay(self.policy, **{**self.usual, **usual})

    def accepts(self, *, reason: Optional[str] = None, **facts: Any) -> Decision:
        __tracebackhide__ = True
        return self._expect("accept", reason, facts)

    def rejects(self, *, reason: Optional[str] = None, **facts: Any) -> Decision:
        __tracebackhide__ = True
        return self._expect("reject", reason, facts)

    def defers(self, *, reason: Optional[str] = None, **facts: Any) -> Decision:
        __tracebackhide__ = True
        return self._expect("defer", reason, facts)

    def _expect(self, verdict: str, reason: Optional[str],
                facts: dict[str, Any]) -> Decision:
        __tracebackhide__ = True
        facts = {**self.usual, **facts}
        decision = self.policy.check(**facts)
        if decision.verdict == verdict and reason in (None, decision.reason):
            return decision
        wanted = verdict if reason is None else f"{verdict}: {reason}"
        pytest.fail(f"expected {wanted}\n"
                    f"decided  {decision.verdict}: {decision.reason}\n"
                    f"{_listed(facts)}\n{decision.explain()}", pytrace=False)


def _listed(facts: dict[str, Any]) -> str:
    return "".join(f"  {name} = {value!r}\n" for name, value in facts.items())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mayrelay_policy", "the policy that `relay` speaks of",
                  type="paths", default=[])


@pytest.fixture(scope="session")
def mayrelay_policy(pytestconfig: pytest.Config) -> Policy:
    """The policy of the ini file; fixtures of your own may replace it."""
    paths = pytestconfig.getini("mayrelay_policy")
    if len(paths) != 1:
        raise pytest.UsageError("mayrelay_policy in the ini file: one policy")
    return load(paths[0])


@pytest.fixture
def relay(mayrelay_policy: Policy) -> Relay:
    return Relay(mayrelay_policy)
