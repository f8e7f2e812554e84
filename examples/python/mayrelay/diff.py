"""What a change of the policy changes, exactly."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ._library import ffi, lib
from ._text import text, whole, words

TOO_MANY = 2**64 - 1


@dataclass(frozen=True)
class Change:
    """A box of transactions that are decided differently."""

    effect: str  #: "gained", "moved", "lost" or "answer": mayrelay/diff.h
    witness: Optional[str]  #: a dialogue that both policies have decided


class Diff:
    """`old.diff(new)`: all transactions at once.  It outlives both policies, and
    is for any thread."""

    __slots__ = ("_handle", "verdict", "count", "changes", "bug")

    verdict: str  #: "EQUIVALENT", "STRICTER", "LOOSER", ...: mayrelay/diff.h
    count: Optional[int]  #: of boxes; None: too many to count
    changes: tuple[Change, ...]  #: of the first boxes, those gained first
    #: a dialogue that the evaluator judges otherwise: a bug of mayrelay's
    bug: Optional[str]

    def __init__(self, old: Any, new: Any):
        handle = lib.mayrelay_policy_diff(old, new)
        if handle == ffi.NULL:
            raise MemoryError("no memory for a diff")
        self._handle = ffi.gc(handle, lib.mayrelay_diff_free)
        self.verdict = words(lib.mayrelay_diff_verdict_name(
            lib.mayrelay_diff_get_verdict(handle)))
        count = lib.mayrelay_diff_count(handle)
        self.count = None if count == TOO_MANY else count
        self.changes = tuple(
            Change(words(lib.mayrelay_diff_effect_name(
                       lib.mayrelay_diff_get_effect(handle, index))),
                   text(lib.mayrelay_diff_get_witness(handle, index)))
            for index in range(lib.mayrelay_diff_count_shown(handle)))
        self.bug = text(lib.mayrelay_diff_get_bug(handle))

    @property
    def is_equivalent(self) -> bool:
        """No transaction is decided differently: that is proven."""
        return self.verdict == "EQUIVALENT"

    def to_text(self, limit: int = 100) -> str:
        """Verdict and boxes, at most `limit` of them."""
        return whole(lambda buffer, room: lib.mayrelay_diff_to_text(
            self._handle, limit, buffer, room))

    def to_json(self, limit: int = 100) -> str:
        return whole(lambda buffer, room: lib.mayrelay_diff_to_json(
            self._handle, limit, buffer, room))

    def __repr__(self) -> str:
        return f"<mayrelay.Diff {self.verdict}: {self.count}>"
