"""Who may relay where, exactly: all transactions at once."""
from __future__ import annotations

import os
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Iterable, Mapping, Optional, Union

from ._library import ffi, lib
from ._report import findings_of, owned
from ._text import Text, path, terminated, text, whole, words
from .errors import Finding, raise_for

SOURCES = (lib.MAYRELAY_SOURCE_STRANGER, lib.MAYRELAY_SOURCE_ACCOUNT,
           lib.MAYRELAY_SOURCE_DNS, lib.MAYRELAY_SOURCE_HOST)


@dataclass(frozen=True)
class AuditVerdict:
    """Whether one kind of people can relay."""

    verdict: str  #: "CLOSED", "OPEN", "CONDITIONAL" or "INCOMPLETE"
    reason: str  #: on what it hangs, or why it is closed
    witness: Optional[str]  #: an SMTP dialogue that is accepted

    @property
    def is_closed(self) -> bool:
        return self.verdict == "CLOSED"


class Audit:
    """`policy.audit()`; it outlives its policy, and is for any thread."""

    __slots__ = ("_handle", "_report", "verdicts", "is_closed",
                 "unknown_is_closed", "findings", "disagreement")

    #: of "stranger", "account", "dns" and "host": mayrelay/audit.h
    verdicts: Mapping[str, AuditVerdict]
    #: strangers and the owners of DNS zones are kept out
    is_closed: bool
    #: a look-up that fails never leads to an accept: that is proven
    unknown_is_closed: bool
    findings: tuple[Finding, ...]
    #: a dialogue that the evaluator judges otherwise: a bug of mayrelay's
    disagreement: Optional[str]

    def __init__(self, policy: Any, trust: Iterable[Text]):
        options = _options(trust)
        report = ffi.new("mayrelay_report **")
        handle = lib.mayrelay_policy_audit(policy, options, report)
        self._report = owned(report[0])
        self.findings = findings_of(self._report)
        if handle == ffi.NULL:
            raise MemoryError("no memory for an audit")
        self._handle = ffi.gc(handle, lib.mayrelay_audit_free)
        self.verdicts = MappingProxyType({
            words(lib.mayrelay_audit_source_name(source)):
                _verdict(handle, source) for source in SOURCES})
        self.is_closed = lib.mayrelay_audit_is_closed(handle)
        self.unknown_is_closed = lib.mayrelay_audit_unknown_is_closed(handle)
        self.disagreement = text(lib.mayrelay_audit_get_disagreement(handle))

    def save(self, image: Union[Text, "os.PathLike[Any]"]) -> None:
        """Writes the image of the policy as Policy.save does, with the audit as
        its stamp: `load(..., require_closed=True)` asks that it be closed."""
        raise_for(lib.mayrelay_audit_save(self._handle, path(image)))

    def to_text(self) -> str:
        """Verdicts, assumptions, and everybody who may relay."""
        return whole(lambda buffer, room: lib.mayrelay_audit_to_text(
            self._handle, buffer, room))

    def to_json(self) -> str:
        """The same, with all networks of each grant."""
        return whole(lambda buffer, room: lib.mayrelay_audit_to_json(
            self._handle, buffer, room))

    def to_html(self) -> str:
        """All this and the findings as one page for people, without scripts."""
        return whole(lambda buffer, room: lib.mayrelay_audit_to_html(
            self._handle, self._report, buffer, room))

    def __repr__(self) -> str:
        said = ", ".join(f"{source}: {it.verdict}"
                         for source, it in self.verdicts.items())
        return f"<mayrelay.Audit {said}>"


def _options(trust: Iterable[Text]) -> Any:
    if isinstance(trust, (str, bytes)):
        raise TypeError("trust is a list of networks")
    options = ffi.gc(lib.mayrelay_audit_options_new(),
                     lib.mayrelay_audit_options_free)
    for network in trust:
        raise_for(lib.mayrelay_audit_options_trust(
            options, terminated(network)))
    return options


def _verdict(handle: Any, source: int) -> AuditVerdict:
    return AuditVerdict(
        words(lib.mayrelay_audit_verdict_name(
            lib.mayrelay_audit_get_verdict(handle, source))),
        words(lib.mayrelay_audit_get_reason(handle, source)),
        text(lib.mayrelay_audit_get_witness(handle, source)))
