"""A duty for reading: its details in words, and what it said before."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from adjudication.models import DutyRecord, DutyRevision
from adjudication.rules.duties import DETAILS


@dataclass(frozen=True)
class EarlierDuty:
    """What a duty said before it was recorded again."""

    revision: DutyRevision
    details: tuple[tuple[str | Promise, str], ...]


def details_of(duty: DutyRecord) -> tuple[tuple[str | Promise, str], ...]:
    """What the duty is about, as (label, text), in the order of its form."""
    return _in_words(duty.kind, duty.details)


def revisions_of(duty: DutyRecord) -> tuple[EarlierDuty, ...]:
    """What the duty said before, the latest first."""
    found = duty.revisions.order_by("-pk")
    return tuple(EarlierDuty(revision, _in_words(duty.kind, revision.details)) for revision in found)


def _in_words(kind: str, details: dict[str, str]) -> tuple[tuple[str | Promise, str], ...]:
    return tuple((detail.label, details[detail.name]) for detail in DETAILS[kind] if detail.name in details)
