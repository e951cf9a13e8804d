"""The witness of a demonstration: a process of its own on this machine, so that its part can be seen (`make run`)."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from audit.witness.notes import WitnessKey

NAME = "witness.assize.example/demonstration"
HOST = "127.0.0.1"


class DemonstrationWitness:
    """Its key, its memory, its port. It shows how witnessing works and proves nothing: the same hands run both."""

    def __init__(self, var: Path, port: int) -> None:
        self.folder = var / "witness"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.port = port if _is_free(port) else _any_free_port()

    def setting(self) -> str:
        """What the service is told of it (AUDIT_WITNESSES)."""
        path = self.folder / "key"
        key = WitnessKey.read(path) if path.exists() else WitnessKey.generate(NAME, path)
        return f"{key.public_text} http://{HOST}:{self.port}"

    def argv(self) -> list[str]:
        """How it is started, once the service has written down its keys."""
        words = ["--key", str(self.folder / "key"), "--state", str(self.folder / "memory")]
        words += ["--log", f"@{log_keys_file(self.folder.parent)}", "--listen", f"{HOST}:{self.port}"]
        return [sys.executable, "-m", "audit.witness", *words]


def log_keys_file(var: Path) -> Path:
    """Where the preparation of a run writes the log's verifier keys for the demonstration's witness."""
    return var / "witness" / "log-keys"


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])
