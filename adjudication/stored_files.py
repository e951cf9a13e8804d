"""Files that belong to rows: the file system takes no part in a rollback, so the act removes what it has written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db.models.fields.files import FieldFile

log = structlog.get_logger(__name__)
_written: ContextVar[list[FieldFile] | None] = ContextVar("files_written_by_act", default=None)


@contextmanager
def removed_if_refused() -> Iterator[None]:
    """Remove the files that the block has stored if the block fails: their rows are rolled back.

    It stands inside the transaction. An error of the COMMIT itself may mean that the rows are there, so their files
    stay; what nobody needs is found by `manage.py check_uploads`. A block within a block leaves its files to the
    outer one.
    """
    outer = _written.get()
    own: list[FieldFile] = []
    token = _written.set(own)
    try:
        yield
    except BaseException:
        for file in own:
            _remove(file)
        raise
    finally:
        _written.reset(token)
    if outer is not None:
        outer.extend(own)


def note_written(file: FieldFile) -> None:
    """A file has been stored for a row that is not committed yet."""
    written = _written.get()
    if written is not None:
        written.append(file)


def _remove(file: FieldFile) -> None:
    # An error here would take the place of the one that says why nothing was stored.
    with contextlib.suppress(OSError):
        file.storage.delete(str(file.name))
        return
    log.warning("evidence.file_left", name=str(file.name))
