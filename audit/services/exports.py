"""Exporting entries of the log as a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from audit.actors import Actor
from audit.errors.log import LogNotSigned, LogNotYours
from audit.models import Entry
from audit.rules.exports import CSV, NDJSON
from audit.selectors.entries import EntryFilter, may_read_log, stream_of
from audit.selectors.exports import covered
from audit.selectors.log import latest_checkpoint
from audit.services.entries import append

EXPORT_STREAM = "log:exports"
FORMS = (CSV, NDJSON)


@dataclass(frozen=True)
class LogExport:
    """What is to be sent: which entries, among the first `size` leaves, in which form, how many; and its entry."""

    wanted: EntryFilter
    form: str
    size: int
    rows: int
    entry: Entry


def export_log(*, wanted: EntryFilter, form: str, by: Actor) -> LogExport:
    """Record that somebody exports what matches, before a byte of it is sent.

    The export covers what the latest checkpoint covers, so that its rows are known and stay the same. The entry says
    what was looked for only where something was found: only then is it text that the log already holds, and not
    a name that somebody typed. Raises LogNotYours and LogNotSigned.
    """
    if form not in FORMS:
        raise ValueError(f"nothing is exported as {form!r}")
    if not may_read_log(by):
        raise LogNotYours
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise LogNotSigned
    given = _given(wanted)
    rows = covered(wanted, checkpoint.size).count() if given else checkpoint.size
    # Committed before the first byte is sent: somebody who breaks off the download has still read part of it.
    with transaction.atomic():
        entry = append(
            kind="log.exported",
            stream=EXPORT_STREAM,
            by=by,
            body={
                "format": form,
                "checkpoint_size": checkpoint.size,
                "rows": rows,
                "looked_for": given if rows else sorted(given),
            },
        )
    return LogExport(wanted, form, checkpoint.size, rows, entry)


def _given(wanted: EntryFilter) -> dict[str, str]:
    """The parts of the filter that were filled in."""
    parts = {
        "stream": stream_of(wanted.stream) if wanted.stream else "",
        "actor": wanted.actor,
        "kind": wanted.kind,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    return {name: value for name, value in parts.items() if value}
