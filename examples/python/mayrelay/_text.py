"""Texts on their way into the library and out of it."""
from __future__ import annotations

import os
from typing import Any, Callable, Optional, Union

from ._library import ffi, lib
from .errors import TextError

Text = Union[str, bytes]


def octets(text: Text) -> bytes:
    """What the library gets; lone surrogates are a UnicodeEncodeError."""
    if isinstance(text, str):
        return text.encode("utf-8")
    if isinstance(text, bytes):
        return text
    raise TypeError(f"str or bytes, not {type(text).__name__}")


def terminated(text: Text) -> bytes:
    """For calls whose texts end in NUL, and would be cut at one."""
    data = octets(text)
    if b"\0" in data:
        raise TextError("a NUL inside the text")
    return data


def path(name: Union[Text, "os.PathLike[Any]"]) -> bytes:
    data = os.fsencode(name)
    if b"\0" in data:
        raise TextError("a NUL inside the path")
    return data


def text(value: Any) -> Optional[str]:
    if value == ffi.NULL:
        return None
    data: bytes = ffi.string(value)
    return data.decode("utf-8", "backslashreplace")


def words(value: Any) -> str:
    """A text that is never absent."""
    return text(value) or ""


def path_text(value: Any) -> Optional[str]:
    return None if value == ffi.NULL else os.fsdecode(ffi.string(value))


def whole(write: Callable[[Any, int], Any]) -> str:
    """What a call prints into a buffer, however long: it is asked again with
    as much room as it said it needs."""
    room = 4096
    while True:
        buffer = ffi.new("char[]", room)
        needed: int = write(buffer, room)
        if needed < room:
            data: bytes = ffi.buffer(buffer, needed)[:]
            return data.decode("utf-8", "backslashreplace")
        room = needed + 1


def version() -> str:
    return words(lib.mayrelay_version())
