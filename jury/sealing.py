"""Sealed ballots: any process can close a seal, only the closing service can open one."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from audit.rules.canonical import ascii_digest, canonical_ascii
from jury.errors.ballots import SealBroken, WordsTooLong, WordsUnreadable
from jury.errors.panels import PanelKeyLocked
from jury.rules.verdicts import Choice

WORDS_MAX_CHARACTERS = 800
"""The longest text of a juror's own words: 800 characters of any script fit into every seal (4 bytes each)."""
REASON_CODES_MAX = 16
PLAINTEXT_BYTES = 4096
HOLDERS_MAX = 16
"""How many key holders a seal has room for; today there is one, the panel's own key."""
SHARE_BYTES = 32 + 16
"""A share of the ballot's key, and the tag of its own encryption."""
HEAD_BYTES = 4 + 32 + 32 + HOLDERS_MAX * SHARE_BYTES
SEALED_BYTES = HEAD_BYTES + PLAINTEXT_BYTES + 16
"""Every sealed ballot has this length, whatever it says and however many hold its key (docs/decisions/0028):

     0     1  version, 2
     1     1  k: how many shares give the ballot's key; 1 today
     2     1  n: how many shares there are; 1 today
     3     1  0
     4    32  ephemeral X25519 key of this ballot
    36    32  SHA-256 over "ballot key v2", a zero byte and the ballot's key: shares that give another key are refused
    68   768  16 places of 48 bytes: share i for holder i under AES-256-GCM, then random bytes
   836  4112  the ballot under AES-256-GCM with the ballot's key; all before it, panel, seat and sequence are bound
"""

_VERSION = 2
_REASON_CODE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U to misread
_CODE_CHARACTERS = 16
_WRAPPED_VERSION = b"\x02"
_WRAPPED_BYTES = 1 + 32 + 32 + 16


@dataclass(frozen=True)
class PanelKeys:
    """A panel's key pair as stored: 32 public bytes, and the private key sealed to the closing key."""

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
    """A ballot as stored, and what is stored nowhere: its commitment (hex) and the receipt for the juror."""

    sealed: bytes
    commitment: str
    receipt: str


@dataclass(frozen=True)
class OpenedBallot:
    """An opened ballot, with the salt that proves its commitment without revealing the words."""

    content: BallotContent
    salt: bytes
    words_digest: str
    commitment: str

    @property
    def receipt(self) -> str:
        """The code that the juror was shown."""
        return receipt_of(self.commitment)


def closing_public_key(private: bytes) -> bytes:
    """The public half of a closing key: 32 bytes, for every process that commits a panel."""
    return _public_of(X25519PrivateKey.from_private_bytes(private))


def new_panel_keys(closing_public: bytes) -> PanelKeys:
    """A fresh key pair for one panel, its private half sealed to the closing key's public half (32 bytes)."""
    if len(closing_public) != 32:
        raise ValueError("The public half of the closing key needs 32 bytes.")
    private, ephemeral = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    public, ephemeral_public = _public_of(private), _public_of(ephemeral)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(closing_public))
    key, nonce = _derived(shared, b"panel key v2\x00" + ephemeral_public + closing_public)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return PanelKeys(
        public, _WRAPPED_VERSION + ephemeral_public + AESGCM(key).encrypt(nonce, raw, _key_binding(public))
    )


def unwrap_private_key(keys: PanelKeys, closing_private: bytes) -> X25519PrivateKey:
    """The panel's private key, for the closing worker alone; `PanelKeyLocked` with any other closing key."""
    wrapped = keys.wrapped_private
    if len(wrapped) != _WRAPPED_BYTES or wrapped[:1] != _WRAPPED_VERSION:
        raise PanelKeyLocked
    closing = X25519PrivateKey.from_private_bytes(closing_private)
    ephemeral_public = wrapped[1:33]
    try:
        shared = closing.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
        key, nonce = _derived(shared, b"panel key v2\x00" + ephemeral_public + _public_of(closing))
        raw = AESGCM(key).decrypt(nonce, wrapped[33:], _key_binding(keys.public))
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
    if not _is_text(content.words):
        raise WordsUnreadable
    if not _are_reason_codes(content.reason_codes):
        raise ValueError(f"A ballot has at most {REASON_CODES_MAX} reason codes of 1 to 32 plain letters and digits.")
    salt, words_salt = secrets.token_bytes(32), secrets.token_bytes(32)
    commitment = commitment_of(panel, content, salt, words_digest_of(content.words, words_salt))
    place = _place(panel, seat, sequence)
    ballot_key, ephemeral = secrets.token_bytes(32), X25519PrivateKey.generate()
    ephemeral_public = _public_of(ephemeral)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    share_key, share_nonce = _derived(shared, _share_info(0, ephemeral_public, public))
    # One holder of a key in one part: the share is the key itself, as Shamir's scheme has it for k = 1.
    share = AESGCM(share_key).encrypt(share_nonce, ballot_key, b"ballot share v2\x00" + place)
    head = bytes([_VERSION, 1, 1, 0]) + ephemeral_public + _key_check(ballot_key) + share
    head += secrets.token_bytes(HEAD_BYTES - len(head))
    key, nonce = _derived(ballot_key, b"ballot content v2\x00")
    plaintext = _encode(content, salt, words_salt)
    sealed = head + AESGCM(key).encrypt(nonce, plaintext, b"ballot v2\x00" + head + place)
    return SealedBallot(sealed, commitment, receipt_of(commitment))


def open_ballot(sealed: bytes, *, private: X25519PrivateKey, panel: str, seat: str, sequence: int) -> OpenedBallot:
    """Open a sealed ballot at the close.

    Raises `SealBroken` when it was changed, is another seat's, or holds anything but a whole ballot.
    """
    place = _place(panel, seat, sequence)
    try:
        content, salt, words_salt = _decode(_decrypt(sealed, private, place))
    # Anyone with the public key can seal what is no ballot. ValueError: also an ephemeral key of low order.
    # RecursionError: brackets within brackets.
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SealBroken(seat=seat, sequence=sequence) from None
    words_digest = words_digest_of(content.words, words_salt)
    return OpenedBallot(content, salt, words_digest, commitment_of(panel, content, salt, words_digest))


def sealed_digest(sealed: bytes) -> str:
    """What the log holds of a ballot from the moment it is cast: SHA-256 of the sealed bytes, in hex."""
    return hashlib.sha256(sealed).hexdigest()


def seat_token(secret: bytes, *, panel: str, juror_number: int) -> str:
    """The name by which the log and the public list know a juror's seat, such as `S-ABCD-EFGH-JKMN-PQRS`.

    HMAC-SHA256 under a key derived for this panel, so that nobody without the secret can tell whose it is, or that two
    tokens on two panels are one juror's. From the juror's number and not from the seat: on an open bench, too, a juror
    who never came has a token to look up.
    """
    key = hmac.digest(secret, b"seat tokens v1\x00" + panel.encode(), "sha256")
    digest = hmac.digest(key, b"seat token v1\x00%d" % juror_number, "sha256")
    return f"S-{_code_of(digest)}"


def commitment_of(panel: str, content: BallotContent, salt: bytes, words_digest: str) -> str:
    """What the close publishes of a ballot beside what it says: SHA-256 in hex, salted, over all but the bare words.

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
    return _code_of(bytes.fromhex(commitment))


def normal_code(text: str) -> str:
    """A receipt or a token as it is published, from what somebody typed; empty for what is neither.

    Letters in any case, with or without hyphens and blanks; O, I and L are read as the digits they look like.
    """
    letters = "".join(text.upper().replace("-", " ").split())
    prefix = "S-" if len(letters) == _CODE_CHARACTERS + 1 and letters.startswith("S") else ""
    code = letters[len(prefix) // 2 :].translate(str.maketrans("OIL", "011"))
    if len(code) != _CODE_CHARACTERS or not set(code) <= set(_ALPHABET):
        return ""
    return prefix + _grouped(code)


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, _CODE_CHARACTERS, 4))


def _code_of(digest: bytes) -> str:
    bits = int.from_bytes(digest[:10], "big")
    code = "".join(_ALPHABET[bits >> shift & 31] for shift in range(5 * (_CODE_CHARACTERS - 1), -1, -5))
    return _grouped(code)


def _public_of(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _derived(secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce; both are used once, because what they are derived from is fresh for each use."""
    derived = HKDF(algorithm=SHA256(), length=44, salt=None, info=info).derive(secret)
    return derived[:32], derived[32:]


def _key_binding(public: bytes) -> bytes:
    return b"panel key v2\x00" + public


def _share_info(index: int, ephemeral_public: bytes, holder_public: bytes) -> bytes:
    return b"ballot share v2\x00" + bytes([index]) + ephemeral_public + holder_public


def _key_check(ballot_key: bytes) -> bytes:
    return hashlib.sha256(b"ballot key v2\x00" + ballot_key).digest()


def _place(panel: str, seat: str, sequence: int) -> bytes:
    if not panel or not seat or sequence < 1:
        raise ValueError("A ballot is bound to a panel, a seat and a sequence from 1.")
    return canonical_ascii([panel, seat, sequence])


def _decrypt(sealed: bytes, private: X25519PrivateKey, place: bytes) -> bytes:
    if len(sealed) != SEALED_BYTES or sealed[:4] != bytes([_VERSION, 1, 1, 0]):
        raise ValueError("no seal of this version")
    head, ephemeral_public = sealed[:HEAD_BYTES], sealed[4:36]
    shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
    key, nonce = _derived(shared, _share_info(0, ephemeral_public, _public_of(private)))
    ballot_key = AESGCM(key).decrypt(nonce, head[68 : 68 + SHARE_BYTES], b"ballot share v2\x00" + place)
    if not secrets.compare_digest(_key_check(ballot_key), head[36:68]):
        raise ValueError("another key than the one committed to")
    key, nonce = _derived(ballot_key, b"ballot content v2\x00")
    return AESGCM(key).decrypt(nonce, sealed[HEAD_BYTES:], b"ballot v2\x00" + head + place)


def _is_text(words: str) -> bool:
    """Whether UTF-8 and the database can hold it: no lone surrogate, no zero character."""
    return not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in words)


def _are_reason_codes(codes: Sequence[str]) -> bool:
    return len(codes) <= REASON_CODES_MAX and all(_REASON_CODE.fullmatch(code) for code in codes)


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
    """Raises for all that is no ballot, so that whatever comes out can be stored and shown."""
    head_end = 2 + int.from_bytes(plaintext[:2], "big")
    head = json.loads(plaintext[2:head_end])
    words_start = head_end + 2
    words_end = words_start + int.from_bytes(plaintext[head_end:words_start], "big")
    words, codes = plaintext[words_start:words_end].decode(), head["reason_codes"]
    if not isinstance(codes, list):
        raise ValueError("no ballot")
    salt, words_salt = bytes.fromhex(head["salt"]), bytes.fromhex(head["words_salt"])
    is_medical = head["is_medical"]
    if len(salt) != 32 or len(words_salt) != 32 or not isinstance(is_medical, bool):
        raise ValueError("no ballot")
    if len(words) > WORDS_MAX_CHARACTERS or not _is_text(words) or not _are_reason_codes(codes):
        raise ValueError("no ballot")
    return BallotContent(Choice(head["choice"]), tuple(codes), words, is_medical), salt, words_salt
