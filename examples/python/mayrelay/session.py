"""One SMTP connection, from connect to RCPT."""
from __future__ import annotations

import os
import threading
from ipaddress import IPv4Address, IPv6Address
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Union

from ._library import ffi, lib
from ._text import Text, octets, path, terminated, whole
from .advice import Advice
from .decision import Decision, number_of
from .errors import ClosedError, StaleError, raise_for

if TYPE_CHECKING:
    from .policy import Policy
    from .resolver import Answer


class _Failed:
    """The look-up failed: the fact stays unknown, and a 451 where it matters.
    """

    def __repr__(self) -> str:
        return "mayrelay.FAILED"

    def __bool__(self) -> bool:
        return False


FAILED = _Failed()
Address = Union[str, bytes, IPv4Address, IPv6Address]
Answered = Union[Iterable[Text], _Failed, None]

# Text that the library refuses: it stands for what could not be handed over.
REFUSED = b"\0"


class Session:
    """One SMTP connection: `policy.session()`, best in a `with`.

    `connect` clears everything; `tls` the identity, groups, sender and
    recipient; `auth` the groups, sender and recipient; `mail` the recipient;
    `rcpt` what was said of the previous one; `reset` sender and recipient.

    What raises an exception also leaves a session that accepts nothing until
    the fact is stated again.  A session is for one thread at a time; others
    wait meanwhile.
    """

    __slots__ = ("_handle", "_lock", "_serial", "policy", "__weakref__")

    policy: Policy

    def __init__(self, policy: Policy, *, rewrites: bool = False):
        handle = lib.mayrelay_session_new(policy._handle)
        if handle == ffi.NULL:
            raise MemoryError("no memory for a session")
        self._handle = ffi.gc(handle, lib.mayrelay_session_free)
        self._lock = threading.Lock()
        self._serial = 0
        self.policy = policy
        lib.mayrelay_session_rewrites(handle, bool(rewrites))

    # -- the SMTP dialogue -------------------------------------------------

    def connect(self, client: Address,
                listener: Optional[Text] = None) -> Decision:
        """`client`: "192.0.2.7", "2001:db8::1", or of module ipaddress;
        `listener`: our side, "192.0.2.25:25", "[2001:db8::25]:25"."""
        with self._lock:
            self._tell_connect(client, listener)
            return self._decided()

    def mail(self, sender: Text) -> Decision:
        """MAIL FROM's argument, with or without <>; "" is the null sender."""
        return self._ask(lib.mayrelay_session_mail, sender)

    def rcpt(self, recipient: Text) -> Decision:
        """RCPT TO's argument."""
        return self._ask(lib.mayrelay_session_rcpt, recipient)

    def resume(self) -> Decision:
        """Judges the last of connect, mail and rcpt again, with what has been
        answered since."""
        with self._lock:
            lib.mayrelay_session_resume(self._begin())
            return self._decided()

    def reset(self) -> None:
        """RSET, or the end of a message."""
        with self._lock:
            lib.mayrelay_session_reset(self._begin())

    # -- facts -------------------------------------------------------------

    def tls(self, certificate: Optional[Text] = None) -> None:
        """The session is encrypted now.  `certificate`: the SHA-256 of the
        client's, which the host has verified, in hex."""
        self._state(lib.mayrelay_session_tls, certificate)

    def auth(self, identity: Optional[Text]) -> None:
        """The authenticated identity; None: anonymous again."""
        self._state(lib.mayrelay_session_auth, identity)

    def client_names(self, names: Answered) -> None:
        """All forward-confirmed host names of the client, or FAILED."""
        self._answer(lib.MAYRELAY_FACT_CLIENT_NAME, names,
                     lib.mayrelay_session_add_client_name)

    def groups(self, groups: Answered) -> None:
        """All groups that the identity belongs to, or FAILED."""
        self._answer(lib.MAYRELAY_FACT_GROUPS, groups,
                     lib.mayrelay_session_add_group)

    def recipient_exists(self, exists: Union[bool, _Failed]) -> None:
        """Whether the mailbox of RCPT TO exists, or FAILED."""
        with self._lock:
            handle = self._begin()
            if exists is True or exists is False:
                raise_for(lib.mayrelay_session_set_recipient_exists(
                    handle, exists))
                return
            raise_for(lib.mayrelay_session_answer(
                handle, lib.MAYRELAY_FACT_RECIPIENT, lib.MAYRELAY_FAILED))
        if exists is not FAILED:
            raise TypeError("True, False or mayrelay.FAILED")

    def take(self, answer: Optional[Answer]) -> None:
        """The client's names as a resolver found them; then `resume`.  None
        stands for a look-up that failed."""
        if answer is None:
            self.client_names(FAILED)
            return
        with self._lock:
            raise_for(lib.mayrelay_session_take(self._begin(), answer._handle))

    # -- the decision ------------------------------------------------------

    @property
    def decision(self) -> Decision:
        """The last decision."""
        with self._lock:
            self._open()
            return self._decided()

    @property
    def needs(self) -> frozenset[str]:
        """The missing facts of the last decision.  If there are any, look them
        up, say what was found, and `resume`: it may still change."""
        return self.decision.needs

    def advise(self, file: Union[Text, "os.PathLike[Any]"]) -> Advice:
        """What would have the policy in that file (YAML or JSON, as it is now)
        accept what was told last.  Tries many edits, so it takes its time.
        PolicyError: it cannot be read, or changes meanwhile."""
        with self._lock:
            return Advice._of(self._open(), path(file))

    def to_log(self, format: str = "text", *, time: Optional[Text] = None,
               id: Optional[Text] = None) -> str:
        """The last decision and all facts behind it as one line for a log, as
        "text" (logfmt) or "json": `mayrelay explain --log` reads it."""
        number = number_of(format)
        when = ffi.NULL if time is None else terminated(time)
        which = ffi.NULL if id is None else terminated(id)
        with self._lock:
            handle = self._open()
            return whole(lambda buffer, room: lib.mayrelay_session_to_log(
                handle, number, when, which, buffer, room))

    # -- its end -----------------------------------------------------------

    def close(self) -> None:
        """Frees the session now; any other call is a ClosedError then."""
        with self._lock:
            handle, self._handle = self._handle, ffi.NULL
            self._serial += 1
            if handle != ffi.NULL:
                ffi.release(handle)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: Optional[type[BaseException]],
                 error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    # -- inside: the lock is held ------------------------------------------

    def _open(self) -> Any:
        if self._handle == ffi.NULL:
            raise ClosedError("the session is closed")
        return self._handle

    def _begin(self) -> Any:
        """Decisions that were handed out cannot be explained any more."""
        self._serial += 1
        return self._open()

    def _decided(self) -> Decision:
        return Decision(self, self._serial,
                        lib.mayrelay_session_get_decision(self._handle))

    def _tell_connect(self, client: Address, listener: Optional[Text]) -> None:
        try:
            if isinstance(client, (IPv4Address, IPv6Address)):
                client = str(client)
            ours = ffi.NULL if listener is None else terminated(listener)
            texts = terminated(client), ours
        except Exception:
            lib.mayrelay_session_connect(self._begin(), ffi.NULL, ffi.NULL)
            raise
        lib.mayrelay_session_connect(self._begin(), *texts)

    def _tell(self, call: Callable[..., int], text: Text) -> int:
        """The call's status or code."""
        try:
            data = octets(text)
        except Exception:
            call(self._begin(), REFUSED, len(REFUSED))
            raise
        return call(self._begin(), data, len(data))

    # -- inside: the lock is taken -----------------------------------------

    def _ask(self, call: Callable[..., int], text: Text) -> Decision:
        with self._lock:
            self._tell(call, text)
            return self._decided()

    def _state(self, call: Callable[..., int], text: Optional[Text]) -> None:
        with self._lock:
            if text is None:
                raise_for(call(self._begin(), ffi.NULL, 0))
            else:
                raise_for(self._tell(call, text))

    def _answer(self, fact: int, texts: Answered,
                add: Callable[..., int]) -> None:
        # The caller's code may use this session: it runs without the lock.
        try:
            found = None if texts is FAILED else _listed(texts)
        except BaseException:
            with self._lock:
                self._give_up(fact)
                add(self._handle, ffi.NULL, 0)  # poisons the session
            raise
        with self._lock:
            self._give_up(fact)
            if found is None:
                return
            for data in found:
                raise_for(add(self._handle, data, len(data)))
            raise_for(lib.mayrelay_session_answer(
                self._handle, fact, lib.MAYRELAY_KNOWN))

    def _give_up(self, fact: int) -> None:
        """Ends what has been said of the fact before: what comes is all."""
        raise_for(lib.mayrelay_session_answer(
            self._begin(), fact, lib.MAYRELAY_FAILED))

    def _current(self, serial: int) -> Any:
        if serial != self._serial:
            raise StaleError("the session has gone on since")
        return lib.mayrelay_session_get_decision(self._open())

    def _judged(self, serial: int, read: Callable[[Any], Any]) -> Any:
        with self._lock:
            return read(self._current(serial))


def _listed(texts: Answered) -> list[bytes]:
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        raise TypeError("a list of texts, or mayrelay.FAILED")
    return [octets(text) for text in texts]
