"""What a witness answers to a checkpoint that is offered to it (C2SP tlog-witness, add-checkpoint)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .memory import BAD_PROOF, FORK, Known, Memory, Refused
from .notes import Checkpoint, LogKey, Malformed, NotSigned, WitnessKey, hash_of, size_of
from .proofs import EMPTY_TREE, continues

PLAIN, TREE_SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
MOST_PROOF_LINES = 63


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: str
    kind: str = PLAIN


@dataclass
class Witness:
    """Cosigns a checkpoint of a log that it knows if it continues the newest one that it cosigned, and nothing else."""

    key: WitnessKey
    logs: Sequence[LogKey]
    memory: Memory
    clock: Callable[[], float] = field(default=time.time)

    def add_checkpoint(self, body: bytes) -> Reply:
        """Judge an offered checkpoint; what it says with 200 is already remembered on the disk."""
        try:
            old_size, proof, checkpoint = _parse_offer(body)
        except Malformed as error:
            return Reply(400, f"{error}\n")
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            return Reply(404, f"This witness doesn't know the log {checkpoint.origin}.\n")
        try:
            checkpoint.check_signed_by(keys)
        except NotSigned as error:
            return Reply(403, f"{error}\n")
        if old_size > checkpoint.size:
            return Reply(400, "the old size is larger than the checkpoint's\n")
        # Reading the memory and changing it is one critical section: two checkpoints that both continue
        # the same old one needn't continue each other.
        with self.memory.change():
            return self._judge(old_size, proof, checkpoint)

    def _judge(self, old_size: int, proof: list[bytes], offered: Checkpoint) -> Reply:
        known = self.memory.known(offered.origin)
        size, root = (known.size, known.root) if known else (0, EMPTY_TREE)
        if offered.size == size and offered.root != root:
            self._refuse(offered, size, FORK)
            return Reply(409, f"{size}\n", TREE_SIZE)
        if old_size != size:
            return Reply(409, f"{size}\n", TREE_SIZE)
        if not continues(size, root, offered.size, offered.root, proof):
            self._refuse(offered, size, BAD_PROOF)
            return Reply(422, f"the proof doesn't show that this tree continues the one of {size} leaves\n")
        at = int(self.clock())
        self.memory.remember(offered.origin, Known(offered.size, offered.root, offered.note, at))
        return Reply(200, self.key.cosign(offered.text, at))

    def _refuse(self, offered: Checkpoint, known_size: int, why: str) -> None:
        at = int(self.clock())
        refused = Refused(offered.size, offered.root, why, known_size, offered.note, at)
        self.memory.remember_refusal(offered.origin, refused)

    def describe(self) -> str:
        """Who it is and what it knows of each log, for people and for comparing programs."""
        with self.memory.change():
            began = _moment(self.memory.began_at())
            lines = [f"witness {self.key.name}", f"key {self.key.public_text}", f"remembers since {began}"]
            for origin in sorted({key.name for key in self.logs}):
                lines += ["", *self._describe_log(origin)]
        return "".join(f"{line}\n" for line in lines)

    def _describe_log(self, origin: str) -> list[str]:
        lines = [f"log {origin}", *(f"log key {key.text}" for key in self.logs if key.name == origin)]
        known = self.memory.known(origin)
        if known is None:
            lines.append("no checkpoint yet")
        else:
            lines += [f"cosigned size {known.size} at {_moment(known.at)}", f"root {known.root.hex()}"]
            lines += _indented(known.note)
        for one in self.memory.refusals(origin):
            lines.append(f"REFUSED ({one.why}) size {one.size} at {_moment(one.at)}; it knew size {one.known_size}")
            lines += _indented(one.note)
        return lines


def _parse_offer(body: bytes) -> tuple[int, list[bytes], Checkpoint]:
    try:
        head, cut, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Malformed("the request isn't UTF-8") from None
    first, *proof = head.split("\n")
    if not cut or not first.startswith("old "):
        raise Malformed("a request is a line `old SIZE`, the lines of a proof, an empty line and a checkpoint")
    old_size = size_of(first.removeprefix("old "))
    if len(proof) > MOST_PROOF_LINES:
        raise Malformed(f"a proof has at most {MOST_PROOF_LINES} lines")
    if proof and old_size == 0:
        raise Malformed("from size 0 the proof is empty")
    return old_size, [hash_of(line) for line in proof], Checkpoint.parse(note)


def _moment(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _indented(note: str) -> list[str]:
    return [f"    {line}".rstrip() for line in note.rstrip("\n").split("\n")]
