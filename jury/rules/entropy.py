"""Where a draw's entropy comes from, how several sources become one text, and what each combination can prove."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from enum import StrEnum

LINK_BYTES = 32
NONCE_MAX_CHARACTERS = 64


class SourceKind(StrEnum):
    """The kinds of source a commitment may name."""

    PUBLIC_NUMBERS = "public_numbers"  # a lottery's or exchange's published numbers
    BEACON = "beacon"  # one round of a public randomness beacon
    CHAIN_LINK = "chain_link"  # the next link of the operator's own pre-committed hash chain
    APPLICANT_NONCE = "applicant_nonce"  # a word that the applicant adds after the commitment


class BiasStrength(StrEnum):
    """What the record may claim about a draw."""

    BIAS_PROOF = "bias_proof"
    NOT_BIAS_PROOF_AGAINST_OPERATOR = "not_bias_proof_against_operator"


PUBLIC_KINDS = frozenset({SourceKind.PUBLIC_NUMBERS, SourceKind.BEACON})


def require_allowed(kinds: Collection[SourceKind]) -> None:
    """Refuse sources that let one person choose the draw, with `ValueError`.

    An applicant who gives a nonce last, with everything else known, could try nonces until the panel suits them. Only a
    chain link that is revealed after the nonce prevents that.
    """
    if not kinds:
        raise ValueError("A draw needs at least one source of entropy.")
    if SourceKind.APPLICANT_NONCE in kinds and SourceKind.CHAIN_LINK not in kinds:
        raise ValueError("An applicant's nonce counts only together with a link of a hash chain.")


def strength(kinds: Collection[SourceKind], *, did_applicant_give_nonce: bool) -> BiasStrength:
    """How far a draw from these sources is proof against bias.

    A public source that did not exist at the commitment is proof. So is a chain link together with a nonce that the
    applicant really gave after the commitment: the operator alone knew the link, the applicant alone the nonce. With
    the default nonce the operator knew both in advance, and could have shaped the commitment to suit them.
    """
    require_allowed(kinds)
    if PUBLIC_KINDS & set(kinds):
        return BiasStrength.BIAS_PROOF
    if SourceKind.APPLICANT_NONCE in kinds and did_applicant_give_nonce:
        return BiasStrength.BIAS_PROOF
    return BiasStrength.NOT_BIAS_PROOF_AGAINST_OPERATOR


def hash_link(link: bytes) -> bytes:
    """The link before this one in order of publication: SHA-256 of the 32 bytes."""
    if len(link) != LINK_BYTES:
        raise ValueError(f"A link of the chain has {LINK_BYTES} bytes, not {len(link)}.")
    return hashlib.sha256(link).digest()


def chain_link(seed: bytes, length: int, index: int) -> bytes:
    """Link `index` of the chain of `length` links from a secret 32-byte seed: 0 is the anchor, published at once.

    Links 1, 2, ... are revealed one after the other; the last one, number `length`, is the seed itself.
    """
    if not 0 <= index <= length:
        raise ValueError(f"The chain has links 0 to {length}; there is no link {index}.")
    if len(seed) != LINK_BYTES:
        raise ValueError(f"A chain's seed has {LINK_BYTES} bytes, not {len(seed)}.")
    link = seed
    for _ in range(length - index):
        link = hash_link(link)
    return link


def chain_anchor(seed: bytes, length: int) -> bytes:
    """The anchor H^length(seed): published before the first draw, it binds every later link."""
    if length < 1:
        raise ValueError("A chain needs at least one link to reveal.")
    return chain_link(seed, length, 0)


def is_link_of(revealed: bytes, anchor: bytes, index: int) -> bool:
    """Whether `revealed` is link number `index` (1 or more) of the chain with this anchor; takes `index` hashes."""
    if len(revealed) != LINK_BYTES or index < 1:
        return False
    link = revealed
    for _ in range(index):
        link = hash_link(link)
    return link == anchor


def nonce_bytes(nonce: str) -> bytes:
    """An applicant's nonce in the form that counts: without surrounding whitespace, composed (NFC), in UTF-8.

    Raises `ValueError` when it is empty or longer than 64 characters.
    """
    normal = unicodedata.normalize("NFC", nonce).strip()
    if not normal:
        raise ValueError("The nonce is empty.")
    if len(normal) > NONCE_MAX_CHARACTERS:
        raise ValueError(f"The nonce has {len(normal)} characters; at most {NONCE_MAX_CHARACTERS} count.")
    return normal.encode()


def combined_text(
    *,
    numbers_text: str = "",
    beacons: Sequence[bytes] = (),
    link: bytes | None = None,
    nonce: str | None = None,
) -> str:
    """The canonical entropy of all sources of one draw, always in this order; each is written `...` `./`.

    `numbers_text` comes from `draw.canonical_entropy`; beacon values and the link are lower-case hex, and so is the
    nonce, so that no nonce can look like another source. Raises `ValueError` as `require_allowed` does, and for a
    beacon without a value.
    """
    kinds = [
        *([SourceKind.PUBLIC_NUMBERS] if numbers_text else []),
        *([SourceKind.BEACON] if beacons else []),
        *([SourceKind.CHAIN_LINK] if link is not None else []),
        *([SourceKind.APPLICANT_NONCE] if nonce is not None else []),
    ]
    require_allowed(kinds)
    if not all(beacons):
        raise ValueError("A beacon's round has no value.")
    if link is not None and len(link) != LINK_BYTES:
        raise ValueError(f"A link of the chain has {LINK_BYTES} bytes, not {len(link)}.")
    tokens = [*beacons, *([link] if link is not None else []), *([nonce_bytes(nonce)] if nonce is not None else [])]
    return numbers_text + "".join(f"{token.hex()}./" for token in tokens)
