"""A policy that follows its files."""
from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Callable, Optional, Union

from ._library import ffi, lib
from ._report import take_findings
from ._text import Text, path
from .errors import ClosedError, Finding, PolicyError
from .policy import Policy, load_flags, owned

# Reloads that nobody has waited for yet.
REMEMBERED = 16
OUTCOMES = {lib.MAYRELAY_RELOAD_NONE: "none", lib.MAYRELAY_RELOAD_DONE: "done",
            lib.MAYRELAY_RELOAD_FAILED: "failed"}


@dataclass(frozen=True)
class Reload:
    """What came of reading the files; true only if another policy is in force.
    """

    outcome: str  #: "none", "done", or "failed": the one in force stays
    findings: tuple[Finding, ...]  #: its warnings, or why it failed

    def __bool__(self) -> bool:
        return self.outcome == "done"


class Watch:
    """Loads a policy, and loads it anew when one of its files has changed.

    Watch `fileno()` for reading, and call `dispatch` when it can be read; with
    asyncio, AsyncWatch does that.  A policy with an error never comes into
    force.  Any thread may ask for `policy`, while another dispatches too.  Make
    it behind a fork."""

    def __init__(self, file: Union[Text, "os.PathLike[Any]"], *,
                 copy: bool = False, verify: bool = False,
                 require_closed: bool = False):
        name = path(file)
        flags = load_flags(copy, verify, require_closed)
        report = ffi.new("mayrelay_report **")
        handle = lib.mayrelay_watch_new(name, flags, report)
        findings = take_findings(report[0])
        if handle == ffi.NULL:
            raise PolicyError(os.fsdecode(name), findings)
        self._handle = ffi.gc(handle, lib.mayrelay_watch_free)
        self._lock = threading.Lock()  # for as long as a policy is handed out
        self._reading = threading.Lock()  # of the files, which may take long
        self.warnings = findings  #: of the policy that was loaded first

    @property
    def policy(self) -> Policy:
        """The one in force: ask anew for each connection.  What it warns of
        was told by the reload."""
        with self._lock:
            handle = lib.mayrelay_watch_ref_policy(self._open())
        return owned(handle, ())

    def fileno(self) -> int:
        """The descriptor to watch; for select, poll and their like."""
        with self._lock:
            descriptor: int = lib.mayrelay_watch_get_fd(self._open())
        return descriptor

    def dispatch(self) -> Reload:
        """To call when the descriptor can be read; at other times it does no
        harm.  Reads the files once nothing has changed for 0.1 seconds."""
        return self._read(lib.mayrelay_watch_dispatch)

    def reload(self) -> Reload:
        """Reads the files now, changed or not."""
        return self._read(lib.mayrelay_watch_reload)

    def close(self) -> None:
        """Policies that were handed out, and their sessions, live on."""
        with self._reading, self._lock:
            handle, self._handle = self._handle, ffi.NULL
            if handle != ffi.NULL:
                ffi.release(handle)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: Optional[type[BaseException]],
                 error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def _read(self, call: Callable[[Any, Any], int]) -> Reload:
        with self._reading:
            report = ffi.new("mayrelay_report **")
            outcome = call(self._open(), report)
            return Reload(OUTCOMES[outcome], take_findings(report[0]))

    def _open(self) -> Any:
        if self._handle == ffi.NULL:
            raise ClosedError("the watch is closed")
        return self._handle


class AsyncWatch:
    """A watch in the running loop of asyncio; make it there.

        async with mayrelay.AsyncWatch("policy.yaml") as watch:
            session = watch.policy.session()        # for each connection
            reload = await watch.changed()          # for the log

    Files are read in a thread, so that the loop goes on meanwhile.
    """

    def __init__(self, file: Union[Text, "os.PathLike[Any]"], *,
                 copy: bool = False, verify: bool = False,
                 require_closed: bool = False):
        self._loop = asyncio.get_running_loop()
        self._watch = Watch(file, copy=copy, verify=verify,
                            require_closed=require_closed)
        self.warnings = self._watch.warnings
        self._told: asyncio.Queue[Reload] = asyncio.Queue(REMEMBERED)
        self._reading: Optional[asyncio.Task[None]] = None
        self._descriptor = self._watch.fileno()
        self._loop.add_reader(self._descriptor, self._readable)

    @property
    def policy(self) -> Policy:
        """The one in force."""
        return self._watch.policy

    async def changed(self) -> Reload:
        """The next reload that did something, or failed.  Of those that nobody
        waits for, the last few are kept."""
        return await self._told.get()

    async def reload(self) -> Reload:
        """Reads the files now, changed or not."""
        return await asyncio.to_thread(self._watch.reload)

    def close(self) -> None:
        """Waits for files that are being read."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            self._descriptor = -1
        self._watch.close()

    async def __aenter__(self) -> AsyncWatch:
        return self

    async def __aexit__(self, kind: Optional[type[BaseException]],
                        error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        self.close()

    def _readable(self) -> None:
        """Once is enough, until that has been read."""
        self._loop.remove_reader(self._descriptor)
        self._reading = self._loop.create_task(self._read())

    async def _read(self) -> None:
        try:
            reload = await asyncio.to_thread(self._watch.dispatch)
        except ClosedError:
            return
        if self._descriptor >= 0:
            self._loop.add_reader(self._descriptor, self._readable)
        if reload.outcome == "none":
            return
        if self._told.full():
            self._told.get_nowait()
        self._told.put_nowait(reload)
