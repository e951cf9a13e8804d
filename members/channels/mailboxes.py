"""Where the mail server puts what comes back: a Maildir, a folder of files, or an mbox."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 1_000_000
"""Of one mail that are read: the report stands before the mail that it returns."""


def mails_in(path: Path) -> Iterator[bytes]:
    """Each mail that was not read before; when the next one is asked for, it is put aside as read.

    An mbox belongs to the mail server, which may write to it at any moment: it is only read, all of it every time.
    Raises OSError.
    """
    if not path.is_dir():
        yield from _in_mbox(path)
    elif (path / "new").is_dir():
        yield from _in_folder(path / "new", path / "cur", suffix=":2,S")
    else:
        yield from _in_folder(path, path / "read")


def _in_folder(folder: Path, read: Path, suffix: str = "") -> Iterator[bytes]:
    read.mkdir(exist_ok=True)
    for file in sorted(folder.iterdir()):
        if file.is_symlink() or not file.is_file() or file.name.startswith("."):
            continue
        try:
            with file.open("rb") as source:
                content = source.read(MOST_BYTES)
        except FileNotFoundError:
            continue  # another worker was quicker
        yield content
        file.rename(read / f"{file.name}{suffix}")


def _in_mbox(path: Path) -> Iterator[bytes]:
    try:
        box = mailbox.mbox(str(path), create=False)
    except mailbox.NoSuchMailboxError as error:
        raise FileNotFoundError(2, "there is no such mailbox") from error
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)[:MOST_BYTES]
    finally:
        box.close()
