"""The files on the disk against the rows that name them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.storage import FileSystemStorage

from adjudication.models import Evidence
from pages.whole_files import PART

FOLDER = "evidence"


@dataclass
class Uploads:
    """What was compared and what does not agree; names are relative to the folder of uploads."""

    files: int = 0
    rows: int = 0
    recent: int = 0
    """Files without a row that are so new that their upload may still be going on."""
    orphans: list[str] = field(default_factory=list)
    """Files that no row names, parts of files that were never finished among them."""
    missing: list[int] = field(default_factory=list)
    """Evidence whose file is not there."""


def compared_uploads(*, older_than: dt.timedelta, now: dt.datetime) -> Uploads:
    """Compare both ways. `now` is the time of the machine whose files are looked at, since they bear its moments."""
    storage = Evidence._meta.get_field("file").storage
    assert isinstance(storage, FileSystemStorage)
    base = Path(storage.location)
    # The files first: what is uploaded meanwhile has a row and no file in the list, and is looked for by name below.
    found = dict(_files(base))
    compared = Uploads(files=len(found))
    for pk, name in Evidence.objects.values_list("pk", "file").iterator(chunk_size=5000):
        compared.rows += 1
        if found.pop(name, None) is None and not storage.exists(name) and Evidence.objects.filter(pk=pk).exists():
            compared.missing.append(pk)
    latest = (now - older_than).timestamp()
    for name, written_at in sorted(found.items()):
        if written_at > latest:
            compared.recent += 1
        else:
            compared.orphans.append(name)
    return compared


def is_part(name: str) -> bool:
    """Whether it is a file whose writing was broken off."""
    return name.endswith(PART)


def _files(base: Path) -> Iterator[tuple[str, float]]:
    for path in (base / FOLDER).rglob("*"):
        try:
            if path.is_file():
                yield path.relative_to(base).as_posix(), path.stat().st_mtime
        except FileNotFoundError:
            continue  # it was given its name, or removed, between the two looks
