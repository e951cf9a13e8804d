"""What a search of the log found, as far as the latest checkpoint covers it: a set that never changes any more."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, QuerySet

from audit.models import Entry
from audit.rules.exports import ExportedEntry
from audit.selectors.entries import EntryFilter, filtered

AT_ONCE = 1000


def covered(wanted: EntryFilter, size: int) -> QuerySet[Entry]:
    """The entries that match, among the first `size` leaves of the tree."""
    return filtered(Entry.objects.filter(place__leaf_index__lt=size), wanted)


def exported_entries(wanted: EntryFilter, size: int) -> Iterator[list[ExportedEntry]]:
    """The same, oldest first, some at a time: however many there are, no more than that are in memory.

    The service that recorded the export has checked the permission.
    """
    entries = covered(wanted, size).annotate(leaf_index=F("place__leaf_index")).order_by("pk")
    last = 0
    while True:
        found = list(
            entries.filter(pk__gt=last).values_list(
                "leaf_index", "id", "recorded_at", "kind", "stream", "actor", "body", "leaf"
            )[:AT_ONCE]
        )
        if found:
            yield [ExportedEntry(*values[:-1], bytes(values[-1])) for values in found]
        if len(found) < AT_ONCE:
            return
        last = found[-1][1]
