"""The policy: immutable, and shared by any number of threads and sessions."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Iterable, Optional, Union

from ._library import ffi, lib
from ._report import take_findings
from ._text import Text, octets, path, path_text, text, words
from .audit import Audit
from .cases import Cases
from .decision import Decision, facts_of
from .diff import Diff
from .errors import Finding, PolicyError, raise_for
from .session import Address, Answered, Session

@dataclass(frozen=True)
class Rule:
    """One rule of a policy, and its place."""

    name: str  #: as Decision.rule
    file: str
    line: int

    def __str__(self) -> str:
        return self.name


def load(file: Union[Text, "os.PathLike[Any]"], *, copy: bool = False,
         verify: bool = False, require_closed: bool = False) -> Policy:
    """Loads a policy: YAML, JSON or an image.  PolicyError says what is wrong
    with it, with file, line and column.

    Of an image, `copy` makes a private copy instead of a map, `verify` checks
    the digest of all of it, and `require_closed` wants one that the audit has
    stamped as closed.
    """
    name = path(file)
    report = ffi.new("mayrelay_report **")
    handle = lib.mayrelay_policy_load(
        name, load_flags(copy, verify, require_closed), report)
    return _opened(handle, report[0], os.fsdecode(name))


def load_flags(copy: bool, verify: bool, require_closed: bool) -> int:
    flags: int = (lib.MAYRELAY_LOAD_COPY * bool(copy)
                  | lib.MAYRELAY_LOAD_VERIFY * bool(verify)
                  | lib.MAYRELAY_LOAD_REQUIRE_CLOSED * bool(require_closed))
    return flags


def parse(source: Text, name: Text = "policy") -> Policy:
    """The same for a text in memory; `name` stands for the file in errors and
    decisions, and list files are sought beside it."""
    data, place = octets(source), path(name)
    report = ffi.new("mayrelay_report **")
    return _opened(
        lib.mayrelay_policy_parse(data, len(data), place, report), report[0],
        os.fsdecode(place))


class Policy:
    """A policy that has been loaded; make one with `load` or `parse`.

    It may be used by any thread, and across fork."""

    __slots__ = ("_handle", "warnings", "__weakref__")

    _handle: Any
    warnings: tuple[Finding, ...]  #: what was found, though it loads

    def __init__(self) -> None:
        raise TypeError("policies come from mayrelay.load and mayrelay.parse")

    def session(self, *, rewrites: bool = False) -> Session:
        """A session, for one SMTP connection.  `rewrites`: this host delivers
        to the decision's recipient, so that `reroute` works."""
        return Session(self, rewrites=rewrites)

    def check(self, *, client: Address, recipient: Optional[Text] = None,
              sender: Optional[Text] = None, listener: Optional[Text] = None,
              identity: Optional[Text] = None,
              groups: Answered = None, client_names: Answered = None,
              tls: bool = False, certificate: Optional[Text] = None,
              recipient_exists: Union[bool, Any, None] = None,
              rewrites: bool = False) -> Decision:
        """One decision, of a session made for it.

        `client_names` and `groups`: None if nobody has looked them up, else
        the whole answer, or mayrelay.FAILED.  `recipient_exists`: True, False,
        mayrelay.FAILED, or None.  `sender` "" or "<>" is the null sender.
        Without a recipient MAIL is judged, without a sender the connection.
        """
        session = Session(self, rewrites=rewrites)
        session._tell_connect(client, listener)
        if tls or certificate is not None:
            session.tls(certificate)
        if identity is not None:
            session.auth(identity)
        if client_names is not None:
            session.client_names(client_names)
        if groups is not None:
            session.groups(groups)
        if sender is not None:
            session._tell(lib.mayrelay_session_mail, sender)
        if recipient is not None:
            session._tell(lib.mayrelay_session_rcpt, recipient)
        if recipient_exists is not None:
            session.recipient_exists(recipient_exists)
        # What was answered behind the last call may change what it decided.
        return session.resume()

    def audit(self, *, trust: Iterable[Text] = ()) -> Audit:
        """Who may relay where, exactly.

        `trust`: networks of ours ("192.0.2.0/24", an address, a range), whose
        clients are no strangers.  A large policy takes its time; other threads
        go on meanwhile."""
        return Audit(self._handle, trust)

    def diff(self, new: Policy) -> Diff:
        """What `new`, in the place of this one, would decide differently."""
        return Diff(self._handle, new._handle)

    def cases(self, limit: int = 0) -> Cases:
        """The transactions that the policy can tell apart, each with today's
        decision, at most `limit` (0: 10,000): vectors for hosts and bindings,
        and whatever an edit changes shows."""
        return Cases._of(self._handle, limit)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Each rule once, in no order that means anything."""
        handle = self._handle
        indexes: Iterable[int] = range(lib.mayrelay_policy_count_rules(handle))
        return tuple(
            Rule(words(lib.mayrelay_policy_get_rule(handle, index)),
                 path_text(lib.mayrelay_policy_get_rule_file(handle, index))
                 or "",
                 lib.mayrelay_policy_get_rule_line(handle, index))
            for index in indexes)

    def save(self, image: Union[Text, "os.PathLike[Any]"]) -> None:
        """Writes the image that `load` maps, at once or not at all."""
        raise_for(lib.mayrelay_policy_save(self._handle, path(image)))

    @property
    def digest(self) -> str:
        """Of the compiled policy, in hex: the same policy, the same digest."""
        return words(lib.mayrelay_policy_get_digest(self._handle))

    @property
    def stamp(self) -> Optional[str]:
        """What the audit has stamped on the image that was loaded, if it has.
        """
        return text(lib.mayrelay_policy_get_stamp(self._handle))

    @property
    def facts(self) -> frozenset[str]:
        """Which facts some rule may ask for: see Decision.needs."""
        return facts_of(lib.mayrelay_policy_get_facts(self._handle))

    @property
    def has_reroute(self) -> bool:
        """Some domain is rerouted: hosts that do not rewrite refuse it."""
        answer: bool = lib.mayrelay_policy_has_reroute(self._handle)
        return answer

    def __repr__(self) -> str:
        return f"<mayrelay.Policy {self.digest[:12]}>"


def owned(handle: Any, warnings: tuple[Finding, ...]) -> Policy:
    """The policy of a reference that is ours."""
    policy = object.__new__(Policy)
    policy._handle = ffi.gc(handle, lib.mayrelay_policy_unref)
    policy.warnings = warnings
    return policy


def _opened(handle: Any, report: Any, name: str) -> Policy:
    findings = take_findings(report)
    if handle == ffi.NULL:
        raise PolicyError(name, findings)
    return owned(handle, findings)
