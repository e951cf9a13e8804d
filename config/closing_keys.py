"""Which halves of the closing key a process has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.timeouts import Process
from run import closing_key

_STAND_IN = f"only-for-demonstration-{hashlib.sha256(closing_key.PRIVATE.encode()).hexdigest()}"


def read(process: Process, var: Path, *, is_demo: bool) -> tuple[bytes | None, bytes]:
    """The private half, None in a web process and wherever it is not given, and the public half: 32 bytes each.

    In a demonstration both have stand-ins: the files that `make run` makes, or a fixed one. Raises
    ImproperlyConfigured for a web process of a deployment that is given the private half, for a key that is too short,
    and for halves that are no pair.
    """
    given = env.text(closing_key.PRIVATE, "")
    if process is Process.WEB and given and not is_demo:
        raise ImproperlyConfigured(
            f"A web process must not have {closing_key.PRIVATE}, which opens ballots: give it to the workers alone, "
            f"and {closing_key.PUBLIC} to the web (docs/operations.md, Closing key)."
        )
    if given and not is_demo and len(given) < 32:
        raise ImproperlyConfigured(f"{closing_key.PRIVATE} is too short: at least 32 characters (docs/operations.md).")
    private = _private(process, given, var, is_demo=is_demo)
    public = _public(private, var, is_demo=is_demo)
    if private is not None and closing_key.public_key(private) != public:
        raise ImproperlyConfigured(
            f"{closing_key.PUBLIC} is not the public half of {closing_key.PRIVATE}: no panel could be closed."
        )
    return private, public


def _private(process: Process, given: str, var: Path, *, is_demo: bool) -> bytes | None:
    if process is Process.WEB:
        return None
    secret = given or (closing_key.secret_in(var) or _STAND_IN if is_demo else "")
    return closing_key.private_key(secret) if secret else None


def _public(private: bytes | None, var: Path, *, is_demo: bool) -> bytes:
    given = env.text(closing_key.PUBLIC, "")
    if not given and private is not None:
        return closing_key.public_key(private)
    if not given and is_demo:
        given = closing_key.public_in(var)
        if not given:
            return closing_key.public_key(closing_key.private_key(_STAND_IN))
    # Asked for again without a default, so that a deployment is told which variable is missing.
    text = given or env.text(closing_key.PUBLIC)
    try:
        public = bytes.fromhex(text)
    except ValueError:
        public = b""
    if len(public) != 32:
        raise ImproperlyConfigured(
            f"{closing_key.PUBLIC} needs 64 hexadecimal digits; python -m run.closing_key makes a pair."
        )
    return public
