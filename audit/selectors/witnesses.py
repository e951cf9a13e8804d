"""The witnesses of the log: who they are, what each has cosigned last, and what each has refused. All of it public."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from audit import clock
from audit.models import Checkpoint, Cosignature, Entry
from audit.rooms import every_name
from audit.rules.notes import COSIGNATURE_V1, NoteMalformed, VerifierKey
from audit.rules.tiles import TILE_WIDTH, TileName, width_at
from audit.selectors.log import LogKey, checkpoint_note, configured_origin, latest_checkpoint, log_keys

WITNESS_STREAM = "log:witnesses"
WITNESS_INTRODUCED, WITNESS_REFUSED = "log.witness_introduced", "log.witness_refused"
LATE_AFTER = dt.timedelta(hours=1)
"""How long a witness may be behind the latest checkpoint before the page calls it late."""


@dataclass(frozen=True)
class Witness:
    """Somebody who watches the log from outside: under which key they cosign, and where they listen."""

    key: VerifierKey
    url: str


@dataclass(frozen=True)
class Standing:
    """Where a witness stands with the log; `refusal` only while no cosignature has come after it."""

    witness: Witness
    last: Cosignature | None
    has_latest: bool
    is_late: bool
    refusal: Entry | None


@dataclass(frozen=True)
class PublicLog:
    """What the log shows of itself to everybody."""

    origin: str
    checkpoint: Checkpoint | None
    note: str
    keys: list[LogKey]
    standings: list[Standing]

    @property
    def root(self) -> str:
        """The root of the latest checkpoint in hexadecimal."""
        return bytes(self.checkpoint.root).hex() if self.checkpoint else ""

    @property
    def newest_tiles(self) -> list[str]:
        """The paths of the newest tile of leaf hashes and the newest bundle of entries, below the log's address."""
        size = self.checkpoint.size if self.checkpoint else 0
        index = max(0, size - 1) // TILE_WIDTH
        width = width_at(0, index, size)
        return [TileName(level, index, width).path for level in (0, None)] if width else []

    @property
    def is_refused(self) -> bool:
        """Whether a witness says that this log isn't the one it knows."""
        return any(one.refusal for one in self.standings)


def configured_witnesses() -> list[Witness]:
    """The witnesses of the settings. Raises ImproperlyConfigured, naming what can't be read."""
    return [_parse_witness(text) for text in settings.AUDIT_WITNESSES]


def cosigned_size(witness: Witness) -> int:
    """The size of the largest checkpoint that the witness has cosigned, as far as this side knows; else 0."""
    last = _last_of(witness)
    return last.checkpoint_id if last else 0


def has_cosigned(witness: Witness, checkpoint: Checkpoint) -> bool:
    """Whether the witness's cosignature on this checkpoint is kept."""
    return _of(witness).filter(checkpoint=checkpoint).exists()


def is_introduced(key: VerifierKey) -> bool:
    """Whether the log names this witness's key, so that its cosignatures can always be checked."""
    named = Entry.objects.filter(stream=WITNESS_STREAM, kind__in=every_name(WITNESS_INTRODUCED))
    return any(entry.body.get("key") == key.text for entry in named)


def open_refusals(witness: Witness) -> list[Entry]:
    """What the witness has refused since it cosigned last, newest first; by sizes, since its clock isn't ours."""
    entries = Entry.objects.filter(stream=WITNESS_STREAM, kind__in=every_name(WITNESS_REFUSED)).order_by("-pk")[:1000]
    last = cosigned_size(witness)
    own = [one for one in entries if one.body["witness"] == witness.key.name]
    return [one for one in own if one.body["cosigned_before"] >= last]


def public_log() -> PublicLog:
    """The latest checkpoint with its cosignatures, the log's keys, and how its witnesses stand."""
    checkpoint = latest_checkpoint()
    standings = [_standing(one, checkpoint) for one in configured_witnesses()]
    note = checkpoint_note(checkpoint.size) if checkpoint else None
    return PublicLog(configured_origin(), checkpoint, note or "", log_keys(), standings)


def _standing(witness: Witness, checkpoint: Checkpoint | None) -> Standing:
    last, refused = _last_of(witness), open_refusals(witness)
    has_latest = bool(last and checkpoint and last.checkpoint_id == checkpoint.size)
    is_late = not has_latest and (last is None or clock.real_now() - last.cosigned_at > LATE_AFTER)
    return Standing(witness, last, has_latest, is_late, refused[0] if refused else None)


def _last_of(witness: Witness) -> Cosignature | None:
    return _of(witness).order_by("-checkpoint_id").first()


def _of(witness: Witness) -> QuerySet[Cosignature]:
    return Cosignature.objects.filter(witness=witness.key.name, key_hash=witness.key.hash.hex())


def _parse_witness(text: str) -> Witness:
    key_text, _blank, url = text.strip().partition(" ")
    try:
        key = VerifierKey.parse(key_text)
    except NoteMalformed as error:
        raise ImproperlyConfigured(f"AUDIT_WITNESSES: {text!r} reads VERIFIER-KEY ADDRESS: {error}") from None
    if key.algorithm != COSIGNATURE_V1:
        raise ImproperlyConfigured(f"AUDIT_WITNESSES: the key of {key.name} isn't a witness's.")
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"AUDIT_WITNESSES: after the key of {key.name} comes its http or https address.")
    return Witness(key, url.strip().rstrip("/"))
