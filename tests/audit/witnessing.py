"""A small log of the tests' own, and a witness as the process that it is."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from audit.rules import merkle
from audit.rules.notes import CheckpointText, VerifierKey, signed, verifier_of

ROOT = Path(__file__).parents[2]
SEED = bytes(range(32))
ORIGIN = "log.example/tests"


@dataclass
class SmallLog:
    """A log in memory, written with the service's own rules: the witness reads them with its own code."""

    origin: str = ORIGIN
    seed: bytes = SEED
    leaves: list[bytes] = field(default_factory=list)

    @property
    def key(self) -> VerifierKey:
        return verifier_of(self.seed, self.origin)

    def grow(self, *leaves: str) -> SmallLog:
        self.leaves += [merkle.leaf_hash(one.encode()) for one in leaves]
        return self

    def grow_to(self, size: int, word: str = "leaf") -> SmallLog:
        return self.grow(*(f"{word} {number}" for number in range(len(self.leaves), size)))

    def node(self, level: int, index: int) -> bytes:
        if level == 0:
            return self.leaves[index]
        return merkle.node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def root(self, size: int) -> bytes:
        return merkle.root_of(size, self.node)

    def note(self, size: int, *, root: bytes | None = None, origin: str | None = None) -> str:
        text = CheckpointText(origin or self.origin, size, self.root(size) if root is None else root)
        return str(signed(str(text), seeds=[self.seed], name=self.origin))

    def proof(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_proof(old, new, self.node)

    def offer(self, old: int, new: int, proof: list[bytes] | None = None) -> bytes:
        hashes = self.proof(old, new) if proof is None else proof
        return offer(old, hashes, self.note(new))


def offer(old: int | str, proof: list[bytes], note: str) -> bytes:
    """The body of a request, line by line as C2SP tlog-witness writes it."""
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{lines}\n{note}".encode()


def post(url: str, body: bytes) -> tuple[int, str, str]:
    """Status, content type and body of the answer to an offer."""
    request = urllib.request.Request(f"{url}/add-checkpoint", body, {"Content-Type": "text/plain"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers["Content-Type"], response.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers["Content-Type"], refusal.read().decode()


class WitnessProcess:
    """`python -m audit.witness`, started, killed and started again on one memory."""

    def __init__(self, folder: Path, *log_keys: VerifierKey, name: str = "witness.example/w1") -> None:
        self.folder = folder
        self.log_keys = log_keys
        made = self._run("--generate-key", name, str(folder / "key"))
        self.key = VerifierKey.parse(made.strip())
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def setting(self) -> str:
        return f"{self.key.text} {self.url}"

    def start(self) -> WitnessProcess:
        """Start it at a free port, or again at the one that it had."""
        listen = self.url.removeprefix("http://") or "127.0.0.1:0"
        words = ["--key", "key", "--state", "memory", "--listen", listen]
        for key in self.log_keys:
            words += ["--log", key.text]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "audit.witness", *words],
            cwd=self.folder,
            env={"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline().split()
        assert told[:1] == [self.key.text], "the witness did not start"
        self.url = told[1]
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal; its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def says(self) -> str:
        """What it tells anybody about itself."""
        with urllib.request.urlopen(f"{self.url}/", timeout=20) as response:
            return str(response.read().decode())

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "audit.witness", *words],
            cwd=self.folder,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout
