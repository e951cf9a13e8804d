"""One entry with its digests, its place in the tree and its proof, each recomputed from the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from audit.models import Checkpoint, Entry, Leaf
from audit.rules import merkle
from audit.rules.canonical import canonical_json
from audit.rules.leaves import DIGEST_BYTES, body_text, head_text, moment_text, salted_digest
from audit.rules.notes import CheckpointText, NoteMalformed, NoteRefused, SignedNote
from audit.rules.proofs import Step, proof_text, steps
from audit.selectors.log import NotInLog, Proof, checkpoint_note, inclusion_proof, latest_checkpoint, log_keys

WAITING, PLACED, PROVEN, BROKEN = "waiting", "placed", "proven", "broken"


@dataclass(frozen=True)
class Digest:
    """One of the two digests of a leaf: what it covers, its salt, and what SHA-256 gives for both."""

    salt: bytes
    text: str

    @property
    def value(self) -> bytes:
        """SHA-256(salt ‖ text): 32 bytes."""
        return salted_digest(self.salt, self.text)


@dataclass(frozen=True)
class ProvenEntry:
    """An entry, its place, and the proof in the latest checkpoint (None while there is none)."""

    entry: Entry
    leaf_index: int | None
    checkpoint: Checkpoint | None
    proof: Proof | None
    note: str
    is_signed: bool

    @cached_property
    def head(self) -> Digest:
        """The digest over kind and stream."""
        text = head_text(kind=self.entry.kind, stream=self.entry.stream)
        return Digest(bytes(self.entry.head_salt), text)

    @cached_property
    def body(self) -> Digest:
        """The digest over who, when and the facts."""
        entry = self.entry
        text = body_text(actor=entry.actor, body=canonical_json(entry.body), recorded=moment_text(entry.recorded_at))
        return Digest(bytes(entry.body_salt), text)

    @property
    def leaf_data(self) -> bytes:
        """The 64 bytes that the public log holds, as they are stored."""
        return bytes(self.entry.leaf)

    @property
    def leaf_hash(self) -> bytes:
        """SHA-256(0x00 ‖ leaf data)."""
        return merkle.leaf_hash(self.leaf_data)

    @property
    def is_unchanged(self) -> bool:
        """Whether the row still gives the two digests that were stored with it."""
        return self.leaf_data == self.head.value + self.body.value

    @cached_property
    def steps(self) -> list[Step]:
        """From the leaf's hash to the root; empty while there is no proof, or for one that can't be walked."""
        if self.proof is None:
            return []
        try:
            return steps(self.leaf_hash, self.proof.leaf_index, self.proof.size, self.proof.hashes)
        except ValueError:
            return []

    @property
    def root_found(self) -> bytes:
        """Where the steps lead: the root of a tree of one leaf is its hash."""
        return self.steps[-1].found if self.steps else self.leaf_hash

    @property
    def root_signed(self) -> bytes:
        """The root that the checkpoint's text says for that size; empty where it says none."""
        try:
            said = CheckpointText.parse(SignedNote.parse(self.note).text)
        except NoteMalformed:
            return b""
        return said.root if self.proof is not None and said.size == self.proof.size else b""

    @property
    def verifies(self) -> bool:
        """Whether everything recomputed agrees: row, leaf, path, the signed root and its signature."""
        if self.proof is None:
            return False
        is_ours = self.proof.verifies and self.proof.leaf_hash == self.leaf_hash
        return self.is_unchanged and self.is_signed and self.root_found == self.root_signed and is_ours

    @property
    def state(self) -> str:
        """Its state: waiting for a place, placed, proven; broken when something doesn't agree."""
        if not self.is_unchanged or (self.proof is not None and not self.verifies):
            return BROKEN
        if self.leaf_index is None:
            return WAITING
        return PLACED if self.proof is None else PROVEN

    @property
    def text(self) -> str:
        """The proof to copy; empty while there is none."""
        return proof_text(self.proof.leaf_index, self.proof.hashes, self.note) if self.proof else ""


def proven(entry: Entry) -> ProvenEntry:
    """The entry with its place and its proof in the latest checkpoint, as far as they exist."""
    leaf_index = Leaf.objects.filter(entry_id=entry.pk).values_list("leaf_index", flat=True).first()
    checkpoint = latest_checkpoint()
    if leaf_index is None or checkpoint is None or leaf_index >= checkpoint.size:
        return ProvenEntry(entry, leaf_index, checkpoint, None, "", is_signed=False)
    note = checkpoint_note(checkpoint.size) or ""
    try:
        proof = inclusion_proof(leaf_index, checkpoint.size)
    except NotInLog:  # the tree has a hole: shown as a proof that leads nowhere, not as an error
        proof = Proof(leaf_index, checkpoint.size, b"\0" * DIGEST_BYTES, (), b"\0" * DIGEST_BYTES)
    return ProvenEntry(entry, leaf_index, checkpoint, proof, note, is_signed=_is_signed(note))


def _is_signed(note: str) -> bool:
    """Whether one of the log's own keys has signed the checkpoint."""
    try:
        SignedNote.parse(note).verified_by([one.key for one in log_keys()])
    except (NoteMalformed, NoteRefused):
        return False
    return True
