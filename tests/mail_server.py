"""A mail server of our own: it counts what it takes, and does to a mail what the name of its recipient says."""

from __future__ import annotations

import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class Taken:
    """One mail that the server took."""

    sender: str
    recipient: str
    mail_options: str
    rcpt_options: str
    content: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.content)


@dataclass
class MailServer:
    """What it has seen so far. A recipient such as `end-451@x.example` says what happens to a mail."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    whole: Counter[str] = field(default_factory=Counter)
    """How often the whole of each mail came, by its Message-ID, whatever was answered."""
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    greeting: str = "220 mail.example"
    slow_seconds: float = 0.0
    """How long it takes over the final dot."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    let_go: threading.Event = field(default_factory=threading.Event)

    def ids(self) -> Counter[str]:
        """How often a mail was taken, by its Message-ID."""
        with self.lock:
            return Counter(str(one.message["Message-ID"]) for one in self.taken)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        state = self.server.state
        with state.lock:
            state.connections += 1
        self._say(state.greeting)
        try:
            while line := self.rfile.readline():
                if not self._answer(line.decode().strip()):
                    return
        except OSError:
            return

    def _say(self, *lines: str) -> bool:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
        return True

    def _answer(self, line: str) -> bool:
        state = self.server.state
        word = line.split(" ")[0].upper()
        state.commands.append(line)
        match word:
            case "EHLO":
                return self._say("250-mail.example", "250-8BITMIME", "250-DSN", "250 SIZE 10000000")
            case "MAIL":
                self.sender, _, self.mail_options = line.partition("FROM:")[2].partition(" ")
                return self._say("250 ok")
            case "RCPT":
                self.recipient, _, self.rcpt_options = line.partition("TO:")[2].partition(" ")
                return self._at("rcpt") or self._say("250 ok")
            case "DATA":
                return self._data()
            case "RSET" | "NOOP":
                return self._say("250 ok")
            case "QUIT":
                self._say("221 bye")
                return False
        return self._say("500 what?")

    def _at(self, stage: str) -> bool:
        """Answer as the recipient's name says, if it says something about this stage."""
        name = self.recipient.strip("<>").partition("@")[0]
        if not name.startswith(f"{stage}-"):
            return False
        code = name.split("-")[1]
        return self._say(f"{code} {code[0]}.1.1 <{self.recipient}> as asked")

    def _data(self) -> bool:
        state = self.server.state
        name = self.recipient.strip("<>").partition("@")[0]
        if name == "close-data":
            return False
        if self._at("data"):
            return True
        self._say("354 go on")
        if name == "close-before":
            self.rfile.readline()
            return False
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        content = b"".join(lines)
        with state.lock:
            state.whole[str(message_from_bytes(content)["Message-ID"])] += 1
        if name == "close-after":
            return False
        if name == "hang-after":
            state.let_go.wait(60)
            return False
        if self._at("end"):
            return True
        if state.slow_seconds:
            time.sleep(state.slow_seconds)
        with state.lock:
            state.taken.append(Taken(self.sender, self.recipient, self.mail_options, self.rcpt_options, content))
        return self._say("250 2.0.0 taken")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, state: MailServer) -> None:
        self.state = state
        super().__init__(("127.0.0.1", state.port), _Handler)


@contextmanager
def a_mail_server(**facts: float | str) -> Iterator[MailServer]:
    """One that listens until the end of the block."""
    state = MailServer(**facts)  # type: ignore[arg-type]
    with _Server(state) as server:
        state.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            state.let_go.set()
            server.shutdown()
            thread.join(10)
