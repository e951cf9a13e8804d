"""The closing key that opens panels' ballots, in two halves: the web processes have the public one alone."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PRIVATE, PUBLIC = "BALLOT_CLOSING_KEY", "BALLOT_CLOSING_PUBLIC_KEY"
_PRIVATE_FILE, _PUBLIC_FILE = "closing-key", "closing-key.pub"


def private_key(secret: str) -> bytes:
    """The private half that a secret stands for: 32 bytes, a private key of X25519."""
    return hashlib.sha256(f"{PRIVATE}:{secret}".encode()).digest()


def public_key(private: bytes) -> bytes:
    """The public half of a private one: 32 bytes."""
    public = X25519PrivateKey.from_private_bytes(private).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def new_secret() -> str:
    """A secret for a new closing key: 64 characters."""
    return secrets.token_hex(32)


def create_files(var: Path) -> None:
    """Make both halves for the demonstration in this folder: the private one for its owner's eyes."""
    secret = new_secret()
    descriptor = os.open(var / _PRIVATE_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as target:
        target.write(f"{secret}\n")
    (var / _PUBLIC_FILE).write_text(f"{public_key(private_key(secret)).hex()}\n")


def secret_in(var: Path) -> str:
    """The secret that `create_files` made in this folder; empty where there is none."""
    return _first_line(var / _PRIVATE_FILE)


def public_in(var: Path) -> str:
    """The public half, in hexadecimal, that `create_files` made in this folder; empty where there is none."""
    return _first_line(var / _PUBLIC_FILE)


def _first_line(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def main() -> int:
    """Print a new pair as the settings want it: the first line for the workers alone, the second for everybody."""
    secret = new_secret()
    sys.stdout.write(f"{PRIVATE}={secret}\n{PUBLIC}={public_key(private_key(secret)).hex()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
