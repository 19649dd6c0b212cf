"""Requests as a WSGI server makes them, without the server: the handler is called, the response closed."""

from __future__ import annotations

import io
import json
from itertools import cycle
from typing import TYPE_CHECKING, Any

from django.core.handlers.wsgi import WSGIHandler

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRON = {
    "SERVER_NAME": "testserver",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.1",
    "HTTP_USER_AGENT": "benchmark",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class Caller:
    """Calls one path of the project, again and again.

    Args:
        method: The request's method.
        path: The request's path.
        tokens: The bearer tokens, which take turns; none for requests without.
    """

    def __init__(self, method: str, path: str, *tokens: str) -> None:
        self._handler = WSGIHandler()
        self._environ = ENVIRON | {"REQUEST_METHOD": method, "PATH_INFO": path}
        self._credentials = cycle([{"HTTP_AUTHORIZATION": f"Bearer {token}"} for token in tokens] or [{}])

    def __call__(self, **fields: str) -> Any:
        """Send the fields as JSON, and return what the answer says.

        Raises:
            RuntimeError: The answer is not 200.
        """
        body = json.dumps(fields).encode() if fields else b""
        environ = self._environ | next(self._credentials)
        environ |= {"wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO()}
        if body:
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        response: Any = self._handler(environ, _start_response)
        content = b"".join(response)
        response.close()
        if response.status_code != 200:
            raise RuntimeError(f"{self._environ['PATH_INFO']} answered {response.status_code}: {content!r}")
        return json.loads(content)


def _start_response(_status: str, _headers: Any, _error: Any = None, /) -> Callable[[bytes], object]:
    return len
