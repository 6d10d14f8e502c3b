"""A threaded HTTP/1.1 server for WSGI applications that keeps connections alive.

Werkzeug's development server closes every connection; SDKs hold pools of them, so here a request and its
answer are both read and written whole and the connection stays.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BODILESS = frozenset({204, 304})


class Handler(MotoRequestHandler):  # type: ignore[misc]  # untyped library
    """One connection. The request's body is in memory before the application runs."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes: Nagle would wait for the client's delayed ACK
    timeout = 75  # seconds an idle connection is kept

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        # Chunked bodies are decoded by werkzeug's stream, which ends by itself; others end at Content-Length.
        length = None if environ.get("wsgi.input_terminated") else int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read() if length is None else environ["wsgi.input"].read(length)
        environ["wsgi.input"], environ["wsgi.input_terminated"] = io.BytesIO(body), True
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        status, headers, answer = call(self.server.app, environ)
        self._answer(status, headers, answer)

    def _answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for key, value in headers:
            if key.lower() not in {"connection", "transfer-encoding"}:
                self.send_header(key, value)
        if not any(key.lower() == "content-length" for key, _ in headers) and int(code) not in BODILESS:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and int(code) not in BODILESS:
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Calls are recorded by the application (calls.jsonl), not here."""


def call(app: WSGIApplication, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    """Run a WSGI application to its end: (status line, headers, body)."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written = io.BytesIO()

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        started[:] = [(status, headers)]
        return written.write

    chunks: Iterable[bytes] = app(environ, start_response)
    try:
        for chunk in chunks:
            written.write(chunk)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started[0]
    return status, headers, written.getvalue()


class Server(ThreadedWSGIServer):  # type: ignore[misc]  # untyped library
    """A server in a thread of its own; the port is bound when it is constructed."""

    request_queue_size = 128

    def __init__(self, address: str, port: int, app: WSGIApplication) -> None:
        super().__init__(address, port, app, handler=Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True, name=f"http-{port}")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
