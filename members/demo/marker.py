"""The mark that distinguishes a demonstration's database from every other."""

from __future__ import annotations

from django.conf import settings

from audit.actors import SYSTEM
from audit.models import Entry
from audit.rooms import every_name
from audit.services import append
from members.errors.demo import NotADemonstration
from members.models import Membership, User

STREAM = "demo"
LOADED = "demo.loaded"


def is_demonstration() -> bool:
    """Whether everybody in this database is invented, so that acts may be played on it."""
    return bool(settings.IS_DEMO) and Entry.objects.filter(stream=STREAM, kind__in=every_name(LOADED)).exists()


def mark_as_demonstration(body: dict[str, int]) -> None:
    """Write the mark, inside the transaction that loads the invented people. Raises NotADemonstration."""
    refuse_real_data()
    append(kind=LOADED, stream=STREAM, by=SYSTEM, body=body)


def refuse_real_data() -> None:
    """Raises NotADemonstration unless the database is marked, or holds nobody yet."""
    if is_demonstration():
        return
    if not settings.IS_DEMO or User.objects.exists() or Membership.objects.exists():
        raise NotADemonstration
