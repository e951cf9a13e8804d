"""A line between the service and its database or broker that a test can cut: packets go in and nothing comes out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.outages.service import HOST


class Line:
    """Passes bytes on between a port of this machine and a server's socket, until it is told to swallow them."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.swallows = threading.Event()
        self._listening = socket.create_server((HOST, 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.target))
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self.swallows.is_set():
                    sink.sendall(data)
        except OSError:
            pass
        finally:
            # While it swallows, not even the end of a connection gets through.
            if not self.swallows.is_set():
                sink.close()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing gets through; what was sent meanwhile is lost."""
        self.swallows.set()
        try:
            yield
        finally:
            for one in self._open:
                one.close()
            self._open.clear()
            self.swallows.clear()

    def close(self) -> None:
        self._listening.close()
        for one in self._open:
            one.close()
