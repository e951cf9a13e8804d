"""The witness over HTTP: POST /add-checkpoint, and GET / for anybody who asks what it knows."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .judging import Reply, Witness

MOST_BODY_BYTES = 128 * 1024


class WitnessServer(ThreadingHTTPServer):
    """Listens; a request a thread, and what they do with the memory one after the other."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "witness"
    sys_version = ""
    timeout = 15
    """Seconds that a connection may be silent."""

    def do_GET(self) -> None:
        """What the witness knows."""
        if self.path.partition("?")[0] != "/":
            self._answer(Reply(404, "Nothing here: GET / or POST /add-checkpoint.\n"))
        else:
            self._answer(Reply(200, self.server.witness.describe()))

    def do_POST(self) -> None:
        """A checkpoint, offered by its log."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._refuse(411, "The request must say how long it is.\n")
        elif len(length) > 9 or int(length) > MOST_BODY_BYTES:
            self._refuse(413, f"A request has at most {MOST_BODY_BYTES} bytes.\n")
        else:
            body = self.rfile.read(int(length))
            if len(body) != int(length):
                self._refuse(400, "The request ended too early.\n")
            elif self.path != "/add-checkpoint":
                self._answer(Reply(404, "Nothing here: GET / or POST /add-checkpoint.\n"))
            else:
                self._answer(self.server.witness.add_checkpoint(body))

    def _refuse(self, status: int, text: str) -> None:
        """Answer without having read the body: what follows on this connection would be taken for a request."""
        self.close_connection = True
        self._answer(Reply(status, text))

    def _answer(self, reply: Reply) -> None:
        raw = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """A line on standard error, without the client's address."""
        sys.stderr.write(f"{self.log_date_time_string()} {format % args}\n")
