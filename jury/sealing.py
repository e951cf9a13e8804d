"""Sealed ballots: any process can close a seal, only the closing service can open one."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from audit.rules.canonical import ascii_digest, canonical_ascii
from jury.errors.ballots import CommitmentMismatch, SealBroken, WordsTooLong, WordsUnreadable
from jury.errors.panels import PanelKeyLocked
from jury.rules.verdicts import Choice

WORDS_MAX_CHARACTERS = 800
"""The longest text of a juror's own words: 800 characters of any script fit into every seal (4 bytes each)."""
REASON_CODES_MAX = 16
PLAINTEXT_BYTES = 4096
SEALED_BYTES = 1 + 32 + PLAINTEXT_BYTES + 16
"""Version, ephemeral public key, ciphertext, tag: every sealed ballot has this length, whatever it says."""

_VERSION = b"\x01"
_REASON_CODE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_RECEIPT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U to misread
_RECEIPT_CHARACTERS = 16


@dataclass(frozen=True)
class PanelKeys:
    """A panel's key pair as stored: 32 public bytes, and the private key wrapped for the closing service alone."""

    public: bytes
    wrapped_private: bytes


@dataclass(frozen=True)
class BallotContent:
    """What a juror says; the words at most `WORDS_MAX_CHARACTERS` characters."""

    choice: Choice
    reason_codes: tuple[str, ...] = ()
    words: str = ""
    is_medical: bool = False


@dataclass(frozen=True)
class SealedBallot:
    """A ballot as stored, the commitment (hex) as logged, and the receipt for the juror."""

    sealed: bytes
    commitment: str
    receipt: str


@dataclass(frozen=True)
class OpenedBallot:
    """An opened ballot, with the salts that prove the logged commitment without revealing the words."""

    content: BallotContent
    salt: bytes
    words_digest: str
    commitment: str


def new_panel_keys(wrapping_key: bytes) -> PanelKeys:
    """A fresh key pair for one panel, the private key wrapped with AES-256-GCM; the wrapping key has 32 bytes."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    nonce = secrets.token_bytes(12)
    return PanelKeys(public, nonce + _wrapping(wrapping_key).encrypt(nonce, raw, _key_binding(public)))


def unwrap_private_key(keys: PanelKeys, wrapping_key: bytes) -> X25519PrivateKey:
    """The panel's private key, for the closing service alone; `PanelKeyLocked` with any other wrapping key."""
    nonce, wrapped = keys.wrapped_private[:12], keys.wrapped_private[12:]
    try:
        raw = _wrapping(wrapping_key).decrypt(nonce, wrapped, _key_binding(keys.public))
    except (InvalidTag, ValueError):
        raise PanelKeyLocked from None
    return X25519PrivateKey.from_private_bytes(raw)


def seal(content: BallotContent, *, public: bytes, panel: str, seat: str, sequence: int) -> SealedBallot:
    """Seal a ballot for one seat; the process that seals it cannot open it again.

    `sequence` counts the seat's ballots from 1. Raises `WordsTooLong` and `WordsUnreadable`; `ValueError` for
    malformed reason codes.
    """
    if len(content.words) > WORDS_MAX_CHARACTERS:
        raise WordsTooLong(characters=len(content.words), most=WORDS_MAX_CHARACTERS)
    if any("\ud800" <= character <= "\udfff" for character in content.words):
        raise WordsUnreadable
    codes = content.reason_codes
    if len(codes) > REASON_CODES_MAX or not all(_REASON_CODE.fullmatch(code) for code in codes):
        raise ValueError(f"A ballot has at most {REASON_CODES_MAX} reason codes of 1 to 32 plain letters and digits.")
    salt, words_salt = secrets.token_bytes(32), secrets.token_bytes(32)
    commitment = commitment_of(panel, content, salt, words_digest_of(content.words, words_salt))
    ephemeral = X25519PrivateKey.generate()
    ephemeral_public = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    key, nonce = _seal_key(shared, ephemeral_public, public)
    plaintext = _encode(content, salt, words_salt)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, _ballot_binding(panel, seat, sequence))
    return SealedBallot(_VERSION + ephemeral_public + ciphertext, commitment, receipt_of(commitment))


def open_ballot(
    sealed: bytes, *, private: X25519PrivateKey, panel: str, seat: str, sequence: int, commitment: str
) -> OpenedBallot:
    """Open a sealed ballot at the close, and check it against the commitment that was logged when it was cast.

    Raises `SealBroken` when it was changed or is another seat's, `CommitmentMismatch` when it is not the one logged.
    """
    if len(sealed) != SEALED_BYTES or sealed[:1] != _VERSION:
        raise SealBroken(seat=seat, sequence=sequence)
    ephemeral_public, ciphertext = sealed[1:33], sealed[33:]
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
        key, nonce = _seal_key(shared, ephemeral_public, public)
        plaintext = AESGCM(key).decrypt(nonce, ciphertext, _ballot_binding(panel, seat, sequence))
        content, salt, words_salt = _decode(plaintext)
    # ValueError: an ephemeral key of low order. The others: anyone with the public key can seal something that is no
    # ballot.
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise SealBroken(seat=seat, sequence=sequence) from None
    words_digest = words_digest_of(content.words, words_salt)
    found = commitment_of(panel, content, salt, words_digest)
    if not secrets.compare_digest(found, commitment):
        raise CommitmentMismatch(seat=seat, sequence=sequence)
    return OpenedBallot(content, salt, words_digest, found)


def commitment_of(panel: str, content: BallotContent, salt: bytes, words_digest: str) -> str:
    """What the log holds about a ballot from the moment it is cast: SHA-256 in hex, salted, over all but the bare
    words.

    Neither seat nor sequence is in it: the salt is published after the close, and with it a seat could be guessed.
    """
    facts = {
        "choice": content.choice.value,
        "is_medical": content.is_medical,
        "panel": panel,
        "reason_codes": sorted(content.reason_codes),
        "salt": salt.hex(),
        "version": 1,
        "words_digest": words_digest,
    }
    return ascii_digest(facts)


def words_digest_of(words: str, words_salt: bytes) -> str:
    """A digest that stands for the words in public; its own salt stays secret, or short words could be guessed."""
    return hashlib.sha256(b"ballot words\x00" + words_salt + words.encode()).hexdigest()


def receipt_of(commitment: str) -> str:
    """The code by which a juror finds the ballot in the published list: the commitment's first 80 bits, as
    `ABCD-EFGH-JKMN-PQRS` without letters that are easily misread.
    """
    bits = int(commitment, 16) >> (256 - 5 * _RECEIPT_CHARACTERS)
    code = "".join(_RECEIPT_ALPHABET[bits >> shift & 31] for shift in range(5 * (_RECEIPT_CHARACTERS - 1), -1, -5))
    return "-".join(code[start : start + 4] for start in range(0, _RECEIPT_CHARACTERS, 4))


def _wrapping(wrapping_key: bytes) -> AESGCM:
    if len(wrapping_key) != 32:
        raise ValueError("The closing key needs 32 bytes.")
    return AESGCM(wrapping_key)


def _key_binding(public: bytes) -> bytes:
    return b"panel key v1\x00" + public


def _ballot_binding(panel: str, seat: str, sequence: int) -> bytes:
    if not panel or not seat or sequence < 1:
        raise ValueError("A ballot is bound to a panel, a seat and a sequence from 1.")
    return b"ballot v1\x00" + canonical_ascii([panel, seat, sequence])


def _seal_key(shared: bytes, ephemeral_public: bytes, public: bytes) -> tuple[bytes, bytes]:
    """Key and nonce, both fresh for each seal because the ephemeral key pair is."""
    info = b"ballot seal v1\x00" + ephemeral_public + public
    derived = HKDF(algorithm=SHA256(), length=44, salt=None, info=info).derive(shared)
    return derived[:32], derived[32:]


def _encode(content: BallotContent, salt: bytes, words_salt: bytes) -> bytes:
    head = canonical_ascii(
        {
            "choice": content.choice.value,
            "is_medical": content.is_medical,
            "reason_codes": list(content.reason_codes),
            "salt": salt.hex(),
            "words_salt": words_salt.hex(),
        }
    )
    # The words stand outside the JSON, where no escape can make them longer than their own bytes.
    words = content.words.encode()
    body = len(head).to_bytes(2, "big") + head + len(words).to_bytes(2, "big") + words
    if len(body) > PLAINTEXT_BYTES:
        raise AssertionError("The limits on words and reason codes no longer fit the plaintext.")
    return body.ljust(PLAINTEXT_BYTES, b"\x00")


def _decode(plaintext: bytes) -> tuple[BallotContent, bytes, bytes]:
    head_end = 2 + int.from_bytes(plaintext[:2], "big")
    head = json.loads(plaintext[2:head_end])
    words_start = head_end + 2
    words_end = words_start + int.from_bytes(plaintext[head_end:words_start], "big")
    content = BallotContent(
        choice=Choice(head["choice"]),
        reason_codes=tuple(head["reason_codes"]),
        words=plaintext[words_start:words_end].decode(),
        is_medical=bool(head["is_medical"]),
    )
    return content, bytes.fromhex(head["salt"]), bytes.fromhex(head["words_salt"])
