"""Signed notes as a witness reads them (C2SP signed-note, tlog-checkpoint) and cosigns them (tlog-cosignature)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

BY_LOG, BY_WITNESS = 0x01, 0x04
_SIGNATURE = re.compile("\u2014 ([^ ]+) ([^ ]+)")
_SECRET_PREFIX = "PRIVATE+KEY+"  # noqa: S105 - the first words of a key file, not a secret
_MOST_SIGNATURES = 64


class Malformed(ValueError):
    """A text isn't what it should be; the message says where it is wrong."""


class NotSigned(ValueError):
    """No key that the witness trusts for this log has signed the checkpoint, or one of their signatures is wrong."""


@dataclass(frozen=True)
class LogKey:
    """A log's public key. Its name is the log's origin."""

    name: str
    public: bytes

    @property
    def identity(self) -> bytes:
        """The four bytes by which a signature names the key."""
        return _identity(self.name, BY_LOG, self.public)

    @property
    def text(self) -> str:
        """The verifier key: name+hash+base64."""
        return _key_text(self.name, BY_LOG, self.public)

    @classmethod
    def parse(cls, text: str) -> LogKey:
        """The key in `name+hash+base64`. Raises Malformed."""
        name, kind, public = _parse_key(text)
        if kind != BY_LOG:
            raise Malformed(f"the key of {name} isn't an Ed25519 key of a log")
        return cls(name, public)


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: how large it is and under which root; `text` is what it signed."""

    origin: str
    size: int
    root: bytes
    text: str
    note: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, note: str) -> Checkpoint:
        """The checkpoint in a signed note. Raises Malformed."""
        if any(char < " " and char != "\n" for char in note):
            raise Malformed("a note holds no control characters but newlines")
        text, cut, tail = note.rpartition("\n\n")
        if not cut or not tail.endswith("\n"):
            raise Malformed("a signed note is a text, an empty line, and lines of signatures")
        lines = text.split("\n")
        if len(lines) < 3 or not all(lines):
            raise Malformed("a checkpoint has at least three lines, none of them empty")
        root = _bytes_of(lines[2])
        if len(root) != 32:
            raise Malformed("the root isn't 32 bytes")
        signatures = tail[:-1].split("\n")
        if len(signatures) > _MOST_SIGNATURES:
            raise Malformed(f"the note has more than {_MOST_SIGNATURES} signatures")
        found = tuple(_parse_signature(one) for one in signatures)
        return cls(lines[0], size_of(lines[1]), root, f"{text}\n", note, found)

    def check_signed_by(self, keys: list[LogKey]) -> None:
        """Raises NotSigned unless one of the keys has signed it and none of their signatures is wrong."""
        known = {(key.name, key.identity): key for key in keys}
        signers = 0
        for name, identity, signature in self.signatures:
            key = known.get((name, identity))
            if key is None:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, self.text.encode())
            except InvalidSignature:
                raise NotSigned(f"the signature of {name} is wrong") from None
            signers += 1
        if not signers:
            raise NotSigned(f"no key known for {self.origin} has signed it")


class WitnessKey:
    """The witness's own key."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.name = name
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_text(self) -> str:
        """The verifier key that people check its cosignatures with."""
        return _key_text(self.name, BY_WITNESS, self._private.public_key().public_bytes_raw())

    def cosign(self, text: str, at: int) -> str:
        """The signature line over a checkpoint's text, at the second `at` of the epoch, with its newline."""
        message = f"cosignature/v1\ntime {at}\n{text}".encode()
        identity = _identity(self.name, BY_WITNESS, self._private.public_key().public_bytes_raw())
        raw = identity + at.to_bytes(8, "big") + self._private.sign(message)
        return f"\u2014 {self.name} {base64.b64encode(raw).decode()}\n"

    @classmethod
    def generate(cls, name: str, path: Path) -> WitnessKey:
        """A new key in a new file that only its owner reads. Raises FileExistsError, Malformed."""
        _check_name(name)
        key = cls(name, secrets.token_bytes(32))
        identity = key.public_text.split("+")[1]
        secret = base64.b64encode(bytes([BY_WITNESS]) + key._seed).decode()
        # Written whole before it gets its name: a key file is there or it isn't.
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{_SECRET_PREFIX}{name}+{identity}+{secret}\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)
        finally:
            os.unlink(part)
        return key

    @classmethod
    def read(cls, path: Path) -> WitnessKey:
        """The key in a file that `generate` wrote. Raises OSError, Malformed."""
        text = path.read_text(encoding="utf-8").strip()
        parts = text.removeprefix(_SECRET_PREFIX).split("+", 2)
        if not text.startswith(_SECRET_PREFIX) or len(parts) != 3:
            raise Malformed(f"{path} holds no key of a witness")
        raw = _bytes_of(parts[2])
        if len(raw) != 33 or raw[0] != BY_WITNESS:
            raise Malformed(f"{path} holds a key that can't make cosignatures")
        key = cls(parts[0], raw[1:])
        if key.public_text.split("+")[1] != parts[1]:
            raise Malformed(f"{path} is damaged: its key isn't the one it names")
        return key


def size_of(text: str) -> int:
    """A tree's size in decimal, without leading zeroes. Raises Malformed."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text, re.ASCII) or int(text) >= 1 << 63:
        raise Malformed(f"{text[:30]!r} is no tree size")
    return int(text)


def hash_of(line: str) -> bytes:
    """One hash of a proof. Raises Malformed."""
    raw = _bytes_of(line)
    if len(raw) != 32:
        raise Malformed("a line of the proof isn't a hash of 32 bytes")
    return raw


def _check_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise Malformed(f"{name[:80]!r} is no name for a key: it is empty or holds a space or a plus")


def _identity(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def _key_text(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{_identity(name, kind, public).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def _parse_key(text: str) -> tuple[str, int, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise Malformed("a verifier key reads name+hash+base64")
    name, identity, material = parts
    _check_name(name)
    raw = _bytes_of(material)
    if len(raw) != 33 or _identity(name, raw[0], raw[1:]).hex() != identity:
        raise Malformed(f"the key of {name} is damaged: it doesn't fit its hash")
    return name, raw[0], raw[1:]


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    found = _SIGNATURE.fullmatch(line)
    if found is None:
        raise Malformed(f"no line of a signature: {line[:80]!r}")
    _check_name(found[1])
    raw = _bytes_of(found[2])
    if len(raw) < 5:
        raise Malformed(f"the signature of {found[1]} is too short")
    return found[1], raw[:4], raw[4:]


def _bytes_of(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Malformed(f"{text[:80]!r} isn't base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Malformed(f"{text[:80]!r} isn't base64 in its one form")
    return raw
