"""What others do to a service at its worst: they accept a connection, and nothing comes back."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence

from allocation.gateways import Answer, DemonstrationBank, Failure

BANK_AT = "TEST_BANK_AT"


class Swallower:
    """Listens, accepts and keeps silent, until it is told to let go."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._held: list[socket.socket] = []
        self._is_silent = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    @property
    def has_somebody(self) -> bool:
        """Whether somebody has come so far; nobody has had an answer while it is silent."""
        return bool(self._held)

    def let_go(self) -> None:
        """End every conversation, also those that come."""
        self._is_silent = False
        for held in self._held:
            held.close()

    def _accept(self) -> None:
        while True:
            try:
                taken, _address = self._server.accept()
            except OSError:
                return
            self._held.append(taken)
            if not self._is_silent:
                taken.close()

    def close(self) -> None:
        """Listen no more."""
        self.let_go()
        # An accept under way would keep the port open.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


class HangingBank(DemonstrationBank):
    """The bank of the demonstration behind a line on which nothing comes back until somebody lets go.

    What hangs is the way there: the bank has taken nothing yet.
    """

    def order(self, *, key: str, amount_minor: int) -> Answer:
        _hang()
        return super().order(key=key, amount_minor=amount_minor)

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        _hang()
        return super().debit(key=key, member=member, amount_minor=amount_minor)

    def query(self, *, key: str, amount_minor: int) -> Answer:
        _hang()
        return super().query(key=key, amount_minor=amount_minor)

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        _hang()
        return super().failures(key=key, after=after)


def _hang() -> None:
    with socket.create_connection(("127.0.0.1", int(os.environ[BANK_AT]))) as line:
        line.recv(1)
