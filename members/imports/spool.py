"""Where the rows of an import wait, sealed, until all of them are checked: an unnamed file, gone with the process."""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import Self


class Spool:
    """Keeps pieces by their numbers, in order from 0, and gives each back any number of times."""

    def __init__(self) -> None:
        # TMPDIR says where; nobody else can open it, and it is gone with this process however that ends.
        self._file = tempfile.TemporaryFile(prefix="assize-import-")  # noqa: SIM115 - closed by __exit__
        self._ends = [0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def keep(self, data: bytes) -> None:
        """Keep the next piece. Raises OSError where there is no room for it."""
        self._file.seek(self._ends[-1])
        self._file.write(data)
        self._file.flush()
        self._ends.append(self._ends[-1] + len(data))

    def piece(self, number: int) -> bytes:
        """The piece of this number."""
        start, end = self._ends[number : number + 2]
        self._file.seek(start)
        return self._file.read(end - start)
