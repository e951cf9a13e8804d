"""Pieces that wait in a file without a name."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from members.imports.spool import Spool


def test_each_piece_comes_back_any_number_of_times() -> None:
    pieces = [b"one", b"", b"three" * 1000]
    with Spool() as spool:
        for piece in pieces:
            spool.keep(piece)
        assert [spool.piece(number) for number in (2, 0, 1, 2)] == [pieces[2], pieces[0], pieces[1], pieces[2]]
        spool.keep(b"four")
        assert spool.piece(3) == b"four"


def test_nobody_finds_it_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Spool() as spool:
        spool.keep(b"x")
        assert not list(tmp_path.iterdir())
