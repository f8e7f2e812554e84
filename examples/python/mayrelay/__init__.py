"""mayrelay: may this client hand us this recipient?

    import mayrelay

    policy = mayrelay.load("policy.yaml")
    decision = policy.check(client="203.0.113.9", sender="a@sender.example",
                            recipient="kate@far.example")
    print(decision.reply)               # 550 5.7.1 Unable to relay for ...
    print(decision.explain())           # every rule that was tried, and why

A decision is true only if it accepts.  Whatever goes wrong is an exception of
this module's, or one of Python's (TypeError, ValueError, MemoryError), and
leaves a decision that accepts nothing.
"""
from .advice import Advice, Edit
from .audit import Audit, AuditVerdict
from .cases import Case, Cases, Coverage, ListCoverage, Place
from .decision import Decision
from .diff import Change, Diff
from .errors import (ClosedError, Error, Finding, PolicyError, StageError,
                     StaleError, TextError)
from .policy import Policy, Rule, load, parse
from .resolver import Answer, AsyncResolver, Resolver
from .session import FAILED, Session
from .watch import AsyncWatch, Reload, Watch
from ._text import version

__version__ = version()
__all__ = ["Advice", "Answer", "AsyncResolver", "AsyncWatch", "Audit",
           "AuditVerdict", "Case", "Cases", "Change", "ClosedError", "Coverage",
           "Decision", "Diff", "Edit", "Error", "FAILED", "Finding",
           "ListCoverage", "Place", "Policy", "PolicyError", "Reload",
           "Resolver", "Rule", "Session", "StageError", "StaleError",
           "TextError", "Watch", "load", "parse"]
