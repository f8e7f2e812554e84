"""What can go wrong, as exceptions."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Optional

from ._library import ffi, lib


class Error(Exception):
    """Every exception of this package."""


class TextError(Error, ValueError):
    """A text is too long, is not UTF-8, or has control characters inside."""


class StageError(Error, RuntimeError):
    """There is nothing to answer, to reset or to resume yet."""


class StaleError(Error, RuntimeError):
    """The session has made another decision since."""


class ClosedError(Error, ValueError):
    """The session, resolver or watch has been closed."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a policy, and where."""

    severity: str  #: "error", "warning" or "note"
    id: str  #: stable, such as "MR201"
    file: Optional[str]
    line: int  #: from 1; 0: the file as a whole
    column: int
    text: str
    hint: Optional[str]  #: what to do about it
    witness: Optional[str]  #: a transaction that shows it (of an audit)
    full: str  #: all of it, as people read it

    def __str__(self) -> str:
        return self.full


class PolicyError(Error, ValueError):
    """The policy does not load; `findings` has all errors and warnings, and
    the message is what `mayrelay lint` prints."""

    def __init__(self, name: str, findings: tuple[Finding, ...]):
        self.findings = findings
        lines = "\n".join(map(str, findings))
        super().__init__(lines or f"{name}: does not load")

    @property
    def first(self) -> Optional[Finding]:
        """The first error, if there is one."""
        errors = (it for it in self.findings if it.severity == "error")
        return next(errors, None)


def raise_for(status: int) -> None:
    """Nothing for MAYRELAY_OK."""
    if status == lib.MAYRELAY_OK:
        return
    said = ffi.string(lib.mayrelay_status_text(status)).decode()
    if status == lib.MAYRELAY_ERR_MEMORY:
        raise MemoryError(said)
    if status == lib.MAYRELAY_ERR_TEXT:
        raise TextError(said)
    if status == lib.MAYRELAY_ERR_STAGE:
        raise StageError(said)
    if status == lib.MAYRELAY_ERR_IO:
        raise OSError(ffi.errno, os.strerror(ffi.errno))
    raise Error(said)
