"""The transactions that a policy can tell apart, and which entries of its lists
some transactions have matched."""
from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterator, Optional

from ._library import ffi, lib
from ._text import path_text, words
from .errors import raise_for

if TYPE_CHECKING:
    from .policy import Policy
    from .session import Session

UNKNOWN = 2**64 - 1


@dataclass(frozen=True)
class Case:
    """JSON, as `mayrelay check --batch` reads and writes it."""

    facts: str
    decision: str


@dataclass(frozen=True)
class Cases:
    """`policy.cases()`: a copy; the same policy has the same."""

    cases: tuple[Case, ...]
    extent: str  #: "combinations", "classes" or "partial": mayrelay/cases.h
    combinations: Optional[int]  #: of classes; None: too many, or not known
    left_out: int  #: values that others of their class stand for

    def __len__(self) -> int:
        return len(self.cases)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    @classmethod
    def _of(cls, policy: Any, limit: int) -> Cases:
        handle = lib.mayrelay_policy_cases(policy, limit)
        if handle == ffi.NULL:
            raise MemoryError("no memory for cases")
        handle = ffi.gc(handle, lib.mayrelay_cases_free)
        combinations = lib.mayrelay_cases_get_combinations(handle)
        return cls(
            tuple(Case(words(lib.mayrelay_cases_get_facts(handle, index)),
                       words(lib.mayrelay_cases_get_decision(handle, index)))
                  for index in range(lib.mayrelay_cases_count(handle))),
            words(lib.mayrelay_cases_extent_name(
                lib.mayrelay_cases_get_extent(handle))),
            None if combinations == UNKNOWN else combinations,
            lib.mayrelay_cases_get_left_out(handle))


@dataclass(frozen=True)
class Place:
    file: Optional[str]
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class ListCoverage:
    """A list of a policy, and what of it has been matched."""

    name: str  #: "$drop"; "" for entries that stand in their place
    place: Place  #: of the first entry
    entries: int
    matched: int
    missed: tuple[Place, ...]  #: the entries that nothing has matched


class Coverage:
    """Which entries of a policy's lists the transactions have matched that some
    sessions have decided."""

    __slots__ = ("_handle", "_lock")

    def __init__(self, policy: Policy):
        handle = lib.mayrelay_coverage_new(policy._handle)
        if handle == ffi.NULL:
            raise MemoryError("no memory for coverage")
        self._handle = ffi.gc(handle, lib.mayrelay_coverage_free)
        self._lock = threading.Lock()

    def add(self, session: Session) -> None:
        """What a session of this policy has just decided."""
        with self._lock, session._lock:
            raise_for(lib.mayrelay_coverage_add(self._handle, session._open()))

    def lists(self) -> tuple[ListCoverage, ...]:
        """Looks at every entry of every list."""
        with self._lock:
            raise_for(lib.mayrelay_coverage_count(self._handle))
            return tuple(
                _list(self._handle, index) for index in
                range(lib.mayrelay_coverage_count_lists(self._handle)))


def _list(coverage: Any, index: int) -> ListCoverage:
    entries = lib.mayrelay_coverage_get_list_entries(coverage, index)
    matched = lib.mayrelay_coverage_get_list_matched(coverage, index)
    return ListCoverage(
        words(lib.mayrelay_coverage_get_list(coverage, index)),
        Place(path_text(lib.mayrelay_coverage_get_list_file(coverage, index)),
              lib.mayrelay_coverage_get_list_line(coverage, index)),
        entries, matched,
        tuple(Place(path_text(lib.mayrelay_coverage_get_missed_file(
                        coverage, index, number)),
                    lib.mayrelay_coverage_get_missed_line(
                        coverage, index, number))
              for number in range(entries - matched)))
