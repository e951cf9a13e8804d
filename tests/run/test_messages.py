"""Compiling the catalogues."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from run.messages import BrokenCatalogue, compile_all

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


def write(base: Path, body: str) -> Path:
    po = base / "members" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(HEAD + body, encoding="utf-8")
    return po


def test_compiles_what_has_changed_and_only_that(tmp_path: Path) -> None:
    po = write(tmp_path, 'msgid "Claim"\nmsgstr "理赔"\n\n#, fuzzy\nmsgid "Jury"\nmsgstr "guess"\n')
    assert compile_all(tmp_path) == 1
    assert compile_all(tmp_path) == 0
    with po.with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert (catalogue.gettext("Claim"), catalogue.gettext("Jury")) == ("理赔", "Jury")

    write(tmp_path, 'msgid "Claim"\nmsgstr "互助"\n')
    later = po.with_suffix(".mo").stat().st_mtime + 5
    os.utime(po, (later, later))
    assert compile_all(tmp_path) == 1


def test_a_placeholder_that_differs_is_refused_with_its_line(tmp_path: Path) -> None:
    po = write(tmp_path, '#, python-format\nmsgid "%(name)s is due"\nmsgstr "%(nom)s 到期"\n')
    with pytest.raises(BrokenCatalogue, match=r"django\.po:\d+: "):
        compile_all(tmp_path)
    assert not po.with_suffix(".mo").exists()


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 'msgid "a"\n<<<<<<< left from a merge\nmsgstr "b"\n')
    with pytest.raises(BrokenCatalogue, match=r"django\.po"):
        compile_all(tmp_path)


def test_foreign_folders_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / ".venv", 'msgid "a"\nmsgstr "b"\n')
    assert compile_all(tmp_path) == 0
