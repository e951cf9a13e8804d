"""Offering checkpoints to the witnesses, and keeping what they answer (client of C2SP tlog-witness)."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, replace

import structlog
from django.core.cache import cache
from django.db import transaction

from audit import clock
from audit.actors import SYSTEM
from audit.gateways import Answer, Question, ask_all
from audit.models import Checkpoint, Cosignature
from audit.rules.notes import NoteMalformed, Signature, SignedNote, VerifierKey, cosigned_at, is_signature
from audit.selectors.log import NotInLog, consistency_proof, latest_checkpoint
from audit.selectors.witnesses import (
    WITNESS_INTRODUCED,
    WITNESS_REFUSED,
    WITNESS_STREAM,
    Witness,
    configured_witnesses,
    cosigned_size,
    has_cosigned,
    is_introduced,
    open_refusals,
)
from audit.services.entries import append
from audit.services.sequencing import hold_the_log

log = structlog.get_logger(__name__)
MOST_ROUNDS = 3
"""An offer, again from the size that the witness says it knows, and once more if that has changed meanwhile."""
PAUSE_SECONDS = 30
"""How long a witness that did not cosign is left in peace."""
MOST_AHEAD = dt.timedelta(hours=1)
"""How far a witness's clock may be ahead of ours."""

KNOWS_MORE, FORK, INCONSISTENT = "knows_more", "fork", "inconsistent"
"""The witness knows a larger tree; another of the same size; a smaller one that this one doesn't continue."""
UNKNOWN_KEY, UNKNOWN_LOG = "unknown_key", "unknown_log"
"""The witness doesn't know the key that signs, or the log."""


@dataclass(frozen=True)
class _Offer:
    """A checkpoint, offered as what continues the tree of `old_size` leaves that the witness is thought to know."""

    checkpoint: Checkpoint
    witness: Witness
    old_size: int


class _Failed(Exception):
    """The witness did not cosign, and it says nothing about the log."""


class _Refused(Exception):
    """The witness won't cosign this log as it is."""

    def __init__(self, reason: str, witness_size: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.witness_size = witness_size


def offer_latest() -> list[Cosignature]:
    """Offer the latest checkpoint to every witness that has not cosigned it yet."""
    checkpoint = latest_checkpoint()
    return offer_checkpoint(checkpoint=checkpoint) if checkpoint else []


def offer_checkpoint(*, checkpoint: Checkpoint) -> list[Cosignature]:
    """Offer a checkpoint to every witness and keep the cosignatures that come back. Returns the new ones.

    To be called outside a transaction: it waits for others. Whatever a witness does or doesn't do, nothing is raised:
    what fails is logged, and what a witness refuses is appended as `log.witness_refused`. A cosignature has no entry
    of its own: the log would grow by every one, and have to be cosigned again. The first one under a key does have an
    entry, which records the key.
    """
    kept: list[Cosignature] = []
    waiting = [
        _Offer(checkpoint, one, min(cosigned_size(one), checkpoint.size))
        for one in configured_witnesses()
        if not has_cosigned(one, checkpoint) and not cache.get(_pause_of(one))
    ]
    for _round in range(MOST_ROUNDS):
        waiting = _one_round(waiting, kept)
    return kept


def _one_round(offers: list[_Offer], kept: list[Cosignature]) -> list[_Offer]:
    """Make the offers, all at once; adds to `kept` and returns the offers to repeat."""
    again: list[_Offer] = []
    asked: list[tuple[_Offer, Question]] = []
    for offer in offers:
        try:
            asked.append((offer, _question(offer)))
        except (NotInLog, ValueError) as error:
            _tell(offer, f"no proof can be made: {error}")
    answers = ask_all([question for _offer, question in asked])
    for (offer, _asked), answer in zip(asked, answers, strict=True):
        try:
            outcome = _outcome(offer, answer)
        except _Failed as failure:
            _tell(offer, str(failure))
        except _Refused as refusal:
            _tell(offer, f"refused: {refusal.reason}")
            _record(offer, refusal)
        else:
            if isinstance(outcome, Cosignature):
                kept.append(outcome)
            elif outcome is not None:
                again.append(outcome)
    return again


def _question(offer: _Offer) -> Question:
    proof = consistency_proof(offer.old_size, offer.checkpoint.size)
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    body = f"old {offer.old_size}\n{hashes}\n{offer.checkpoint.note}"
    return Question(f"{offer.witness.url}/add-checkpoint", body.encode())


def _outcome(offer: _Offer, answer: Answer) -> Cosignature | _Offer | None:
    """A cosignature, an offer to repeat, or nothing to do. Raises _Failed, _Refused."""
    match answer.status:
        case 200:
            return _keep(offer, answer.text)
        case 409:
            return _from_known_size(offer, answer.text)
        case 422:
            raise _Refused(INCONSISTENT, offer.old_size)
        case 403:
            raise _Refused(UNKNOWN_KEY)
        case 404:
            raise _Refused(UNKNOWN_LOG)
        case 0:
            raise _Failed(answer.text)
    raise _Failed(f"answer {answer.status}: {answer.text[:200]}")


def _from_known_size(offer: _Offer, text: str) -> _Offer | None:
    """The witness knows another size than was thought: offer from there, unless its tree can't be ours."""
    digits = text.removesuffix("\n")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise _Failed("answer 409 without a size")
    known = int(digits)
    if known == offer.old_size:
        if known == offer.checkpoint.size:
            raise _Refused(FORK, known)
        raise _Failed("answer 409 with the size that was offered")
    if known > offer.checkpoint.size:
        latest = latest_checkpoint()
        if latest is not None and latest.size >= known:
            return None  # another worker has offered a later one meanwhile
        raise _Refused(KNOWS_MORE, known)
    if known < offer.old_size:
        log.warning("audit.witness_forgot", witness=offer.witness.key.name, size=known, cosigned=offer.old_size)
    return replace(offer, old_size=known)


def _keep(offer: _Offer, text: str) -> Cosignature:
    """Keep the witness's own cosignature out of its answer; anything else in it is ignored."""
    key, checkpoint = offer.witness.key, offer.checkpoint
    signed = SignedNote.parse(checkpoint.note).text
    for line in text.split("\n"):
        try:
            signature = Signature.parse(line)
        except NoteMalformed:
            continue
        if is_signature(signature, key, signed):
            break
    else:
        raise _Failed("answer 200 without a cosignature of the witness's key")
    seconds = cosigned_at(signature)
    if seconds > (clock.real_now() + MOST_AHEAD).timestamp():
        raise _Failed("a cosignature from the future")
    with transaction.atomic():
        _introduce(key)
        # Another worker may have kept a cosignature of the same checkpoint meanwhile: one is enough.
        return Cosignature.objects.get_or_create(
            checkpoint=checkpoint,
            witness=key.name,
            key_hash=key.hash.hex(),
            defaults={"line": signature.line, "cosigned_at": dt.datetime.fromtimestamp(seconds, dt.UTC)},
        )[0]


def _introduce(key: VerifierKey) -> None:
    """Append the key with its first cosignature: settings change, and what it cosigned must stay checkable."""
    if is_introduced(key):
        return
    # Asked again under the lock: two workers may keep the first cosignature at once, and it has one entry.
    hold_the_log()
    if not is_introduced(key):
        append(kind=WITNESS_INTRODUCED, stream=WITNESS_STREAM, by=SYSTEM, body={"key": key.text})


def _tell(offer: _Offer, why: str) -> None:
    """Log that the offer failed, and do not ask the witness again for a while."""
    cache.set(_pause_of(offer.witness), True, PAUSE_SECONDS)
    log.warning("audit.witness_failed", witness=offer.witness.key.name, size=offer.checkpoint.size, why=why)


def _record(offer: _Offer, refusal: _Refused) -> None:
    """Record a witness's refusal, once for each thing that it refuses: the entry itself makes the log grow."""
    facts = {"witness": offer.witness.key.name, "reason": refusal.reason, "witness_size": refusal.witness_size}
    for entry in open_refusals(offer.witness):
        if all(entry.body[name] == value for name, value in facts.items()):
            return
    body = {**facts, "offered": offer.checkpoint.size, "cosigned_before": cosigned_size(offer.witness)}
    with transaction.atomic():
        append(kind=WITNESS_REFUSED, stream=WITNESS_STREAM, by=SYSTEM, body=body)


def _pause_of(witness: Witness) -> str:
    return f"audit.witness-pause.{witness.key.hash.hex()}"
