"""Signing what the tree has become, and nothing that contradicts what was signed before."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Checkpoint
from audit.rules.merkle import verify_consistency
from audit.rules.notes import CheckpointText, signed
from audit.selectors.log import (
    NotInLog,
    configured_origin,
    consistency_proof,
    latest_checkpoint,
    root_at,
    tree_size,
)
from audit.services.keys import record_keys, signing_seeds
from audit.services.sequencing import fill_up, hold_the_log, sequence_all


class LogShrank(RuntimeError):
    """The tree holds fewer leaves than a checkpoint has signed: rows are gone, or an old backup was restored."""


class LogForked(RuntimeError):
    """The tree doesn't continue the one that the last checkpoint has signed: leaves were changed."""


def sign_checkpoint() -> Checkpoint | None:
    """Fill the tree up and sign it if it has grown since the last checkpoint.

    None if there is nothing new, or no key in it yet. Raises LogShrank and LogForked, and then signs nothing. No time
    decides anything here: checkpoints are in the order of their sizes, whatever the clock does.
    """
    with transaction.atomic():
        # Before both are read: a sequencer or a second signer in between would change what is compared and signed.
        hold_the_log()
        last, size = latest_checkpoint(), tree_size()
        seeds = signing_seeds(size)
        is_news = bool(seeds) and (last is None or last.size < size)
        if is_news:
            # All in this transaction: a process that is killed leaves neither fillers nor a checkpoint behind.
            size += fill_up(settings.AUDIT_LOG_MULTIPLE)
        root = _continued_root(last, size)
        if not is_news:
            return None
        origin = configured_origin()
        note = signed(str(CheckpointText(origin, size, root)), seeds=seeds, name=origin)
        return Checkpoint.objects.create(
            size=size, root=root, note=str(note), key_id=note.signatures[0].key_hash.hex(), signed_at=clock.now()
        )


def publish_in_time() -> Checkpoint | None:
    """Place all waiting entries, and sign the tree at the next of the fixed moments: what the worker does every few
    seconds.

    The moments are multiples of AUDIT_CHECKPOINT_SECONDS, so that a checkpoint does not show when an act came. Returns
    and raises what `publish` does.
    """
    last = latest_checkpoint()
    if last is not None and _slot(last.signed_at) == _slot(clock.now()):
        record_keys(by=SYSTEM)
        sequence_all()
        return None
    return publish()


def _slot(at: dt.datetime) -> int:
    return int(at.timestamp()) // int(settings.AUDIT_CHECKPOINT_SECONDS)


def publish() -> Checkpoint | None:
    """Place all waiting entries and sign the tree now.

    Returns the new checkpoint, None when there is nothing new. Raises NoOverlap, LogShrank, LogForked.
    """
    record_keys(by=SYSTEM)
    sequence_all()
    return sign_checkpoint()


def _continued_root(last: Checkpoint | None, size: int) -> bytes:
    """The root of the tree as it is, proven to continue the last checkpoint."""
    if last is None:
        return root_at(size)
    if size < last.size:
        raise LogShrank(f"the tree holds {size} leaves, the last checkpoint signs {last.size}")
    try:
        root, proof = root_at(size), consistency_proof(last.size, size)
    except NotInLog as error:
        raise LogForked(f"the tree has holes: {error}") from None
    if not verify_consistency(last.size, size, proof, bytes(last.root), root):
        raise LogForked(f"the tree of {size} leaves doesn't begin with the checkpoint of {last.size}")
    return root
