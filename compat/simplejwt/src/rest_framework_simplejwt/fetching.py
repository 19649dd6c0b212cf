"""Reading a document from another host: from that host alone, and not for longer than a deadline."""

from __future__ import annotations

import io
import time
import urllib.request
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import socket

__all__ = ["fetch"]


def fetch(url: str, *, seconds: float, most_octets: int) -> bytes:
    """Read a document.

    A redirect is followed on the same host alone, and never from https to http: whoever can set one up in
    another place has no say in what the document is, nor in whom this server sends requests to.

    Args:
        url: Where it is: https or http.
        seconds: How long that may take in all. A host of several addresses may be silent for as long at
            each.
        most_octets: How long the document may be.

    Raises:
        OSError: It cannot be had, or not in time.
        HTTPException: What came is not HTTP.
        ValueError: It is longer.
    """
    opener = urllib.request.build_opener(SameHost, _InTime(_Deadline(seconds)))
    asked = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 (http by the caller)
    with opener.open(asked, timeout=seconds) as answer:
        document: bytes = answer.read(most_octets + 1)
    if len(document) > most_octets:
        raise ValueError("the document is too long")
    return document


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Tell the seconds that are left, which are more than none.

        Raises:
            TimeoutError: There are none.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the document did not come in time")
        return left


class SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(  # noqa: PLR0917 (the interface)
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """Follow within an origin, or from http to https; else the redirect is the answer, an HTTPError."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        same = (old.scheme, old.port) == (new.scheme, new.port)
        secured = (old.scheme, new.scheme, new.port) == ("http", "https", None)
        if old.hostname != new.hostname or not (same or secured):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _InTime(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens connections that end at the deadline."""

    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: Any) -> Any:
        return self.do_open(partial(_Connection, deadline=self._deadline), req)

    def https_open(self, req: Any) -> Any:
        return self.do_open(partial(_SecureConnection, deadline=self._deadline), req)


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, deadline: _Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"timeout": deadline.left()})
        self.response_class = partial(_Response, deadline=deadline)  # type: ignore[assignment]


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, deadline: _Deadline, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, deadline))


class _Reader(io.RawIOBase):
    """Waits for each piece for as long as is left, where the socket would begin to count anew."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()
