"""The witness of a demonstration: a process of its own on this machine, so that its part can be seen (`make run`)."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

NAME = "witness.assize.example/demonstration"
HOST = "127.0.0.1"
WITNESS = [sys.executable, "-m", "audit.witness"]


class DemonstrationWitness:
    """Its key, its memory, its port. It shows how witnessing works and proves nothing: the same hands run both."""

    def __init__(self, var: Path) -> None:
        self.folder = var / "witness"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.port = _any_free_port()

    def setting(self) -> str:
        """What the service's setting says about it (AUDIT_WITNESSES)."""
        path = str(self.folder / "key")
        words = ["--show-key", path] if Path(path).exists() else ["--generate-key", NAME, path]
        # The witness is a program of its own: it alone reads its key.
        told = subprocess.run([*WITNESS, *words], capture_output=True, text=True, check=True)  # noqa: S603 - ours
        return f"{told.stdout.strip()} http://{HOST}:{self.port}"

    def argv(self) -> list[str]:
        """How it is started, once the service has written down its keys."""
        words = ["--key", str(self.folder / "key"), "--state", str(self.folder / "memory")]
        words += ["--log", f"@{log_keys_file(self.folder.parent)}", "--listen", f"{HOST}:{self.port}"]
        return [*WITNESS, *words]


def log_keys_file(var: Path) -> Path:
    """Where the preparation of a run writes the log's verifier keys for the demonstration's witness."""
    return var / "witness" / "log-keys"


def _any_free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])
