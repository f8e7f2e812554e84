"""What to change in a policy, so that it accepts."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Optional

from ._library import ffi, lib
from ._report import take_findings
from ._text import path_text, text, whole, words
from .errors import PolicyError


@dataclass(frozen=True)
class Edit:
    """One way to have it accepted; what else it changes has been measured."""

    text: str  #: what to do: "add 10.4.2.7 to $branch-offices"
    file: Optional[str]  #: where its first step is
    line: int
    patch: Optional[str]  #: the same for `patch`, unless lines are too long
    rule: Optional[str]  #: the rule that then grants, if one has to
    radius: str  #: what else it opens, moves or closes
    warning: Optional[str]  #: which verdicts of the audit get worse

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Advice:
    """`session.advise("policy.yaml")`: the least harmful edit comes first."""

    edits: tuple[Edit, ...]
    note: Optional[str]  #: why there is none, or why others were left out
    full: str  #: all of it, as people read it
    json: str

    def __str__(self) -> str:
        return self.full

    @classmethod
    def _of(cls, session: Any, file: bytes) -> Advice:
        report = ffi.new("mayrelay_report **")
        handle = lib.mayrelay_session_advise(session, file, report)
        findings = take_findings(report[0])
        if handle == ffi.NULL:
            raise PolicyError(os.fsdecode(file), findings)
        handle = ffi.gc(handle, lib.mayrelay_advice_free)
        return cls(
            tuple(_edit(handle, index)
                  for index in range(lib.mayrelay_advice_count(handle))),
            text(lib.mayrelay_advice_get_note(handle)),
            whole(lambda buffer, room: lib.mayrelay_advice_to_text(
                handle, buffer, room)),
            whole(lambda buffer, room: lib.mayrelay_advice_to_json(
                handle, buffer, room)))


def _edit(advice: Any, index: int) -> Edit:
    return Edit(words(lib.mayrelay_advice_get_text(advice, index)),
                path_text(lib.mayrelay_advice_get_file(advice, index)),
                lib.mayrelay_advice_get_line(advice, index),
                text(lib.mayrelay_advice_get_patch(advice, index)),
                text(lib.mayrelay_advice_get_rule(advice, index)),
                words(lib.mayrelay_advice_get_radius(advice, index)),
                text(lib.mayrelay_advice_get_warning(advice, index)))
