"""C2SP signed notes, checkpoints and cosignatures: text, keys and Ed25519 signatures."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.rules.merkle import HASH_BYTES

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
KEY_BYTES = 32
SIGNATURE_BYTES = 64
KEY_HASH_BYTES = 4
MOST_SIGNATURES = 100
MOST_BYTES = 1_000_000
_DASH = "\u2014"


class NoteMalformed(ValueError):
    """The text is no signed note, key or checkpoint; the message says where it is wrong."""


class NoteRefused(ValueError):
    """A note's signature by a known key is wrong, or no known key has signed it."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key and the name that it signs under."""

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.algorithm not in (ED25519, COSIGNATURE_V1) or len(self.public) != KEY_BYTES:
            raise NoteMalformed(f"the key of {self.name} is neither an Ed25519 log key nor a cosignature/v1 key")

    @property
    def hash(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return key_hash(self.name, self.algorithm, self.public)

    @property
    def text(self) -> str:
        """The key as people exchange it: name+hash+base64."""
        return f"{self.name}+{self.hash.hex()}+{_encoded(bytes([self.algorithm]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key in `name+hash+base64`. Raises NoteMalformed, also when the hash isn't the key's."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise NoteMalformed("a verifier key reads name+hash+base64")
        name, short, material = parts
        raw = _decoded(material)
        if not raw:
            raise NoteMalformed(f"the key of {name} is empty")
        key = cls(name, raw[0], raw[1:])
        if key.hash.hex() != short:
            raise NoteMalformed(f"the key of {name} has the hash {key.hash.hex()}, not {short}")
        return key


@dataclass(frozen=True)
class Signature:
    """One signature line: who, under which key, and the bytes that the key's kind gives a meaning."""

    name: str
    key_hash: bytes
    raw: bytes

    @property
    def line(self) -> str:
        """The line of the note, without its newline."""
        return f"{_DASH} {self.name} {_encoded(self.key_hash + self.raw)}"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """The signature in a line without its newline. Raises NoteMalformed."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != _DASH:
            raise NoteMalformed(f"no signature line: {line[:80]!r}")
        check_name(parts[1])
        raw = _decoded(parts[2])
        if len(raw) <= KEY_HASH_BYTES:
            raise NoteMalformed(f"the signature of {parts[1]} is too short")
        return cls(parts[1], raw[:KEY_HASH_BYTES], raw[KEY_HASH_BYTES:])

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it says that this key made it."""
        return (self.name, self.key_hash) == (key.name, key.hash)


@dataclass(frozen=True)
class SignedNote:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{one.line}\n" for one in self.signatures)

    @classmethod
    def parse(cls, note: str | bytes) -> SignedNote:
        """The note in a file. Raises NoteMalformed."""
        if len(note) > MOST_BYTES:
            raise NoteMalformed("the note is longer than a million bytes")
        try:
            whole = note.decode() if isinstance(note, bytes) else note
            whole.encode()
        except UnicodeError:
            raise NoteMalformed("the note isn't valid UTF-8") from None
        _refuse_controls(whole)
        at = whole.rfind("\n\n")
        if at < 0 or not whole.endswith("\n") or at + 2 == len(whole):
            raise NoteMalformed("a signed note is a text, an empty line, and lines of signatures")
        lines = whole[at + 2 : -1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise NoteMalformed(f"the note has more than {MOST_SIGNATURES} signatures")
        return cls(whole[: at + 1], tuple(Signature.parse(line) for line in lines))

    def verified_by(self, keys: Collection[VerifierKey]) -> list[VerifierKey]:
        """The known keys that signed it, in the order of its lines. Unknown signatures are ignored.

        Raises NoteRefused when a signature that says it is by a known key is wrong, and when there is none by any.
        """
        found: list[VerifierKey] = []
        for signature in self.signatures:
            key = next((key for key in keys if signature.is_by(key)), None)
            if key is None or key in found:
                continue
            if not is_signature(signature, key, self.text):
                raise NoteRefused(f"the signature of {key.name} under the key {key.hash.hex()} is wrong")
            found.append(key)
        if not found:
            raise NoteRefused("no known key has signed the note")
        return found


@dataclass(frozen=True)
class CheckpointText:
    """What a checkpoint says: the log, its size, its root (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), _encoded(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str) -> CheckpointText:
        """The checkpoint in a note's text. Raises NoteMalformed."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not all(lines):
            raise NoteMalformed("a checkpoint has at least three lines, none of them empty")
        origin, size, root, *extensions = lines
        if not (size.isascii() and size.isdigit()) or str(int(size[:20])) != size or int(size) >= 1 << 63:
            raise NoteMalformed(f"{size[:30]!r} is no tree size")
        raw = _decoded(root)
        if len(raw) != HASH_BYTES:
            raise NoteMalformed("the root isn't 32 bytes")
        return cls(origin, int(size), raw, tuple(extensions))


def check_name(name: str) -> None:
    """A key's name is not empty and holds no space, plus or control character. Raises NoteMalformed."""
    if not name or any(char.isspace() or char == "+" or char < " " for char in name):
        raise NoteMalformed(f"{name[:80]!r} is no key name: it holds a space or a plus, or is empty")


def key_hash(name: str, algorithm: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ public key)."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_HASH_BYTES]


def verifier_of(seed: bytes, name: str, algorithm: int = ED25519) -> VerifierKey:
    """The public key that belongs to a 32-byte seed."""
    return VerifierKey(name, algorithm, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def sign(text: str, *, seed: bytes, name: str) -> Signature:
    """Sign a note's text with Ed25519. Raises NoteMalformed when it can't be the text of a note."""
    _check_text(text)
    key = verifier_of(seed, name)
    return Signature(name, key.hash, Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode()))


def signed(text: str, *, seeds: Sequence[bytes], name: str) -> SignedNote:
    """The text signed with every seed, in their order."""
    return SignedNote(text, tuple(sign(text, seed=seed, name=name) for seed in seeds))


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs at the second `at` of the epoch (C2SP tlog-cosignature, cosignature/v1)."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def cosign(text: str, *, seed: bytes, name: str, at: int) -> Signature:
    """Cosign a checkpoint's text as a witness, at the second `at` of the epoch."""
    _check_text(text)
    key = verifier_of(seed, name, COSIGNATURE_V1)
    raw = Ed25519PrivateKey.from_private_bytes(seed).sign(cosigned_message(text, at))
    return Signature(name, key.hash, at.to_bytes(8, "big") + raw)


def cosigned_at(signature: Signature) -> int:
    """The second of the epoch that a cosignature states. Raises NoteMalformed."""
    if len(signature.raw) != 8 + SIGNATURE_BYTES or signature.raw[0] > 0x7F:
        raise NoteMalformed(f"the cosignature of {signature.name} isn't a time and 64 bytes")
    return int.from_bytes(signature.raw[:8], "big")


def is_signature(signature: Signature, key: VerifierKey, text: str) -> bool:
    """Whether the signature is this key's over this text, of the kind that the key makes."""
    message, raw = text.encode(), signature.raw
    if not signature.is_by(key):
        return False
    if key.algorithm == COSIGNATURE_V1:
        try:
            message, raw = cosigned_message(text, cosigned_at(signature)), raw[8:]
        except NoteMalformed:
            return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw, message)
    except InvalidSignature:
        return False
    return True


def _check_text(text: str) -> None:
    _refuse_controls(text)
    if not text.endswith("\n"):
        raise NoteMalformed("a note's text ends in a newline")


def _refuse_controls(text: str) -> None:
    if any(char < " " and char != "\n" for char in text):
        raise NoteMalformed("a note holds no control characters but newlines")


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteMalformed(f"{text[:80]!r} isn't base64") from None
    # Two texts for the same bytes would make two notes of one.
    if _encoded(raw) != text:
        raise NoteMalformed(f"{text[:80]!r} isn't base64 in its one form")
    return raw
