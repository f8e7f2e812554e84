"""Accept, defer or reject, the reply, and why."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from ._library import lib
from ._text import path_text, text, whole, words

if TYPE_CHECKING:
    from .session import Session

FORMATS = {"text": lib.MAYRELAY_TEXT, "json": lib.MAYRELAY_JSON}
FACTS = {int(fact): words(lib.mayrelay_fact_name(fact))
         for fact in (lib.MAYRELAY_FACT_CLIENT_NAME, lib.MAYRELAY_FACT_GROUPS,
                      lib.MAYRELAY_FACT_RECIPIENT)}
VERDICTS = {int(verdict): words(lib.mayrelay_verdict_name(verdict))
            for verdict in (lib.MAYRELAY_REJECT, lib.MAYRELAY_DEFER,
                            lib.MAYRELAY_ACCEPT)}
NOTHING: frozenset[str] = frozenset()


def facts_of(numbers: int) -> frozenset[str]:
    return frozenset(name for fact, name in FACTS.items() if fact & numbers)


class Decision:
    """What was decided; a copy, which stays as it is.

    It is true only if it accepts: `if policy.check(...): deliver()`.
    """

    __slots__ = ("verdict", "code", "enhanced", "text", "reply", "reason",
                 "kind", "rule", "file", "line", "connector", "recipient",
                 "is_relay", "needs", "_session", "_serial")

    verdict: str  #: "accept", "defer" or "reject"
    code: int  #: the SMTP code: 250, 451, 550, ...
    enhanced: str  #: the enhanced status code, "5.7.1"
    text: str  #: the text of the reply alone
    reply: str  #: the whole reply line, without line end
    reason: str  #: "relay-denied", "inbound", ...
    kind: str  #: "granted", "forbidden", "not-permitted", ...
    rule: Optional[str]  #: the rule that decided, if one did
    file: Optional[str]  #: where that rule stands
    line: int
    connector: Optional[str]
    recipient: Optional[str]  #: canonical, after reroute: what to deliver to
    is_relay: bool  #: the recipient is not ours, or carries routing
    needs: frozenset[str]  #: "client-name", "groups", "recipient": see Session

    def __init__(self, session: Session, serial: int, decision: Any):
        self._session = session
        self._serial = serial
        self.verdict = VERDICTS[lib.mayrelay_decision_get_verdict(decision)]
        self.code = lib.mayrelay_decision_get_code(decision)
        self.enhanced = words(lib.mayrelay_decision_get_enhanced(decision))
        self.text = words(lib.mayrelay_decision_get_text(decision))
        self.reply = words(lib.mayrelay_decision_get_reply(decision))
        self.reason = words(lib.mayrelay_reason_name(
            lib.mayrelay_decision_get_reason(decision)))
        self.kind = words(lib.mayrelay_kind_name(
            lib.mayrelay_decision_get_kind(decision)))
        self.rule = text(lib.mayrelay_decision_get_rule(decision))
        self.file = path_text(lib.mayrelay_decision_get_file(decision))
        self.line = lib.mayrelay_decision_get_line(decision)
        self.connector = text(lib.mayrelay_decision_get_connector(decision))
        self.recipient = text(lib.mayrelay_decision_get_recipient(decision))
        self.is_relay = lib.mayrelay_decision_get_is_relay(decision)
        missing = lib.mayrelay_decision_get_needs(decision)
        self.needs = facts_of(missing) if missing else NOTHING

    def __bool__(self) -> bool:
        return self.verdict == "accept"

    def __repr__(self) -> str:
        return f"<{self.verdict}: {self.reason}: {self.reply}>"

    @property
    def source(self) -> Optional[str]:
        """`file:line` of the rule that decided."""
        return None if self.file is None else f"{self.file}:{self.line}"

    def explain(self, format: str = "text") -> str:
        """The whole why, as "text" or "json": every right and rule that was
        tried, the list entries that matched, and the nearest misses.

        Judges again, so the session must not have gone on: StaleError."""
        return self._printed(lib.mayrelay_decision_explain, number_of(format))

    def scope(self, format: str = "text") -> str:
        """The box around the transaction in which every other is decided alike
        (StaleError as above): "client 10.1.0.0/16; any identity; ..."."""
        return self._printed(lib.mayrelay_decision_scope, number_of(format))

    def fingerprint(self) -> int:
        """A number for why the decision is as it is: decisions by policies of
        one digest that have the same are alike (StaleError as above)."""
        number: int = self._session._judged(
            self._serial, lib.mayrelay_decision_get_fingerprint)
        return number

    def to_json(self) -> str:
        """The decision as one JSON object, on one line (StaleError as above).
        """
        return self._printed(lib.mayrelay_decision_to_json)

    def _printed(self, call: Callable[..., int], *options: int) -> str:
        said: str = self._session._judged(self._serial, lambda decision: whole(
            lambda buffer, room: call(decision, *options, buffer, room)))
        return said


def number_of(format: str) -> int:
    number = FORMATS.get(format)
    if number is None:
        raise ValueError(f"text or json, not {format!r}")
    return int(number)
