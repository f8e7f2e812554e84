"""The client's confirmed host names, in the host's loop."""
from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Any, Iterator, Optional

from ._library import ffi, lib
from ._text import Text, terminated, whole, words
from .decision import FORMATS, Decision
from .errors import ClosedError, Error, raise_for
from .session import Session

UINT32_MAX = 2 ** 32 - 1


class Answer:
    """What a look-up found; it outlives its resolver."""

    __slots__ = ("_handle", "is_known", "names", "client", "result", "ttl")

    is_known: bool  #: the names are known, be it that there are none
    names: tuple[str, ...]  #: confirmed, lower-case, without final dot
    client: str
    result: str  #: of the PTR question: "found", "no-name", "timeout", ...
    ttl: int  #: seconds for which DNS lets it be kept

    def __init__(self, handle: Any):
        self._handle = ffi.gc(handle, lib.mayrelay_dns_answer_free)
        self.is_known = lib.mayrelay_dns_answer_is_known(handle)
        self.names = tuple(
            words(lib.mayrelay_dns_answer_get_name(handle, index))
            for index in range(lib.mayrelay_dns_answer_count(handle)))
        self.client = words(lib.mayrelay_dns_answer_get_client(handle))
        self.result = words(lib.mayrelay_dns_result_name(
            lib.mayrelay_dns_answer_get_result(handle)))
        self.ttl = lib.mayrelay_dns_answer_get_ttl(handle)

    def explain(self, format: str = "text") -> str:
        """Every question that was asked, and what came of it."""
        number = FORMATS.get(format)
        if number is None:
            raise ValueError(f"text or json, not {format!r}")
        return whole(lambda buffer, room: lib.mayrelay_dns_answer_explain(
            self._handle, number, buffer, room))

    def __repr__(self) -> str:
        return f"<mayrelay.Answer {self.client}: {self.result} {self.names}>"


class Resolver:
    """Asks DNS, and never waits (but in `resolve`).

    Watch `fileno()` for reading; when it can be read call `dispatch`, and take
    what `answers` gives.  With asyncio, AsyncResolver does that.
    """

    def __init__(self, servers: Optional[Text] = None,
                 deadline: Optional[float] = None):
        """`servers`: "192.0.2.53,127.0.0.1:5353", or the system's.
        `deadline`: seconds that a look-up may take."""
        handle = lib.mayrelay_resolver_new()
        if handle == ffi.NULL:
            raise Error("no resolver: no memory, or built without DNS")
        self._handle = ffi.gc(handle, lib.mayrelay_resolver_free)
        self._lock = threading.Lock()
        if servers is not None:
            raise_for(lib.mayrelay_resolver_set_servers(
                handle, terminated(servers)))
        if deadline is not None:
            raise_for(lib.mayrelay_resolver_set_deadline_ms(
                handle, _milliseconds(deadline)))

    def fileno(self) -> int:
        """The descriptor to watch; for select, poll and their like."""
        with self._lock:
            descriptor: int = lib.mayrelay_resolver_get_fd(self._open())
        if descriptor < 0:
            raise OSError(ffi.errno, "no descriptor for the resolver")
        return descriptor

    def ask(self, client: Text, token: int) -> None:
        """`answers` will give one with this token, at the latest when the
        deadline is over, and at once if it is in the cache."""
        with self._lock:
            raise_for(lib.mayrelay_resolver_ask(
                self._open(), terminated(client), token))

    def dispatch(self) -> None:
        with self._lock:
            raise_for(lib.mayrelay_resolver_dispatch(self._open()))

    def answers(self) -> Iterator[tuple[int, Answer]]:
        """All finished answers, each with its token."""
        while True:
            with self._lock:
                token = ffi.new("uint64_t *")
                handle = lib.mayrelay_resolver_next(self._open(), token)
            if handle == ffi.NULL:
                return
            yield token[0], Answer(handle)

    def cancel(self, token: int) -> None:
        """Forgets what was asked with this token."""
        with self._lock:
            lib.mayrelay_resolver_cancel(self._open(), token)

    def resolve(self, client: Text, timeout: float = 10.0) -> Answer:
        """Waits for the answer; one that is not known if none comes."""
        with self._lock:
            handle = lib.mayrelay_resolver_resolve(
                self._open(), terminated(client), _milliseconds(timeout))
        if handle == ffi.NULL:
            raise Error("no IP address, or no memory")
        return Answer(handle)

    def close(self) -> None:
        """Drops what is under way."""
        with self._lock:
            handle, self._handle = self._handle, ffi.NULL
            if handle != ffi.NULL:
                ffi.release(handle)

    def __enter__(self) -> Resolver:
        return self

    def __exit__(self, kind: Optional[type[BaseException]],
                 error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def _open(self) -> Any:
        if self._handle == ffi.NULL:
            raise ClosedError("the resolver is closed")
        return self._handle


class AsyncResolver:
    """A resolver in the running loop of asyncio; make it there.

        async with mayrelay.AsyncResolver() as resolver:
            decision = await resolver.complete(session, "192.0.2.7")
    """

    def __init__(self, servers: Optional[Text] = None,
                 deadline: Optional[float] = None):
        self._loop = asyncio.get_running_loop()
        self._resolver = Resolver(servers, deadline)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._last_token = 0
        self._descriptor = self._resolver.fileno()
        self._loop.add_reader(self._descriptor, self._readable)

    async def resolve(self, client: Text) -> Answer:
        """The client's confirmed names; other tasks go on meanwhile."""
        self._last_token += 1
        token = self._last_token
        self._resolver.ask(client, token)
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting[token] = future
        self._hand_out()
        try:
            return await future
        finally:
            if self._waiting.pop(token, None) is not None:
                self._resolver.cancel(token)

    async def complete(self, session: Session, client: Text) -> Decision:
        """The session's decision, once the client's names are known, if they
        matter to it; they are not asked for where they do not."""
        decision = session.decision
        if "client-name" not in decision.needs:
            return decision
        answer = await self.resolve(client)
        session.take(answer)
        return session.resume()

    def close(self) -> None:
        """Whoever still waits gets a CancelledError."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            self._descriptor = -1
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.cancel()
        self._resolver.close()

    async def __aenter__(self) -> AsyncResolver:
        return self

    async def __aexit__(self, kind: Optional[type[BaseException]],
                        error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        self.close()

    def _readable(self) -> None:
        self._resolver.dispatch()
        self._hand_out()

    def _hand_out(self) -> None:
        for token, answer in self._resolver.answers():
            future = self._waiting.pop(token, None)
            if future is not None and not future.done():
                future.set_result(answer)


def _milliseconds(seconds: float) -> int:
    return int(max(0, min(UINT32_MAX, seconds * 1000)))
