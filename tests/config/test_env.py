"""The readers of environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("YES", True), ("on", True), ("0", False), ("", False)])
def test_flag(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("NAME", value)
    assert env.flag("NAME", default=not expected) is expected


def test_unset_gives_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAME", raising=False)
    assert (env.flag("NAME", default=True), env.whole("NAME", 7), env.words("NAME", "a, b")) == (True, 7, ["a", "b"])
    assert env.folder("NAME", Path("/somewhere")) == Path("/somewhere")
    with pytest.raises(ImproperlyConfigured, match="NAME"):
        env.text("NAME")


@pytest.mark.parametrize("reader", [lambda: env.flag("NAME", default=False), lambda: env.whole("NAME", 1)])
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, reader: object) -> None:
    monkeypatch.setenv("NAME", "nonsense")
    assert callable(reader)
    with pytest.raises(ImproperlyConfigured, match="NAME='nonsense'"):
        reader()


def test_words_drop_blanks_and_empty_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", " a ,, b,")
    assert env.words("NAME") == ["a", "b"]
