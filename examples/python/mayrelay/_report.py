"""What is wrong with a policy, as Python sees it."""
from __future__ import annotations

from typing import Any, Iterable

from ._library import ffi, lib
from ._text import path_text, text, whole, words
from .errors import Finding

SEVERITIES = {lib.MAYRELAY_NOTE: "note", lib.MAYRELAY_WARNING: "warning",
              lib.MAYRELAY_ERROR: "error"}


def _finding(report: Any, index: int) -> Finding:
    return Finding(
        SEVERITIES.get(lib.mayrelay_report_get_severity(report, index), "error"),
        words(lib.mayrelay_report_get_id(report, index)),
        path_text(lib.mayrelay_report_get_file(report, index)),
        lib.mayrelay_report_get_line(report, index),
        lib.mayrelay_report_get_column(report, index),
        words(lib.mayrelay_report_get_text(report, index)),
        text(lib.mayrelay_report_get_hint(report, index)),
        text(lib.mayrelay_report_get_witness(report, index)),
        whole(lambda buffer, room: lib.mayrelay_report_to_text(
            report, index, buffer, room)))


def owned(report: Any) -> Any:
    """A report that is ours, or NULL, freed when it is forgotten."""
    return ffi.gc(report, lib.mayrelay_report_free)


def findings_of(report: Any) -> tuple[Finding, ...]:
    indexes: Iterable[int] = range(lib.mayrelay_report_count(report))
    return tuple(_finding(report, index) for index in indexes)


def take_findings(report: Any) -> tuple[Finding, ...]:
    """Of a report that is ours, or NULL."""
    return findings_of(owned(report))
