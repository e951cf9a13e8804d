"""Writing a file whole or not at all: a full disk or a killed process leaves what was there before, never a part."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PART = ".part"
"""The ending of a file that is still being written, or whose writer was killed."""


@contextmanager
def whole_file(path: Path, *, mode: int = 0o600, text: bool = False) -> Iterator[IO[Any]]:
    """A file to write to, in the same folder under another name; it gets its name when the block has ended well.

    Whatever fails, the part is removed and the error goes on. Text is UTF-8, its line ends as they are written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    how, encoding, newline = ("w", "utf-8", "") if text else ("wb", None, None)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, how, encoding=encoding, newline=newline) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write this content, whole or not at all."""
    with whole_file(path, mode=mode) as file:
        file.write(content)


def _sync_folder(folder: Path) -> None:
    """The name is safe only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
