"""The mechanism of domain errors: values by name, and a text in the language of the reader."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from typing import Any

import pytest
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, override

from audit.errors import DomainError, NotAllowed, Words
from members.rules.money import Money
from members.rules.plan_types import Text


class Fruit(models.TextChoices):
    APPLE = "a", _("Approved")


class Told(DomainError):
    text = _("%(what)s")
    what: Any


class Counted(DomainError):
    text = ngettext_lazy(
        "A plan file has at most %(most)s character, and this one has more.",
        "A plan file has at most %(most)s characters, and this one has more.",
        "most",
    )
    most: int


class WithDefault(DomainError):
    http_status = 404
    text = _("%(ref)s %(line)s")
    ref: str
    line: Words = "7"


class More(WithDefault):
    on: dt.date


def said(value: Any, language: str = "en") -> str:
    with override(language):
        return str(Told(what=value))


@pytest.mark.parametrize("values", [{}, {"what": 1, "which": 2}, {"which": 2}])
def test_a_value_too_few_or_too_many_fails_at_once(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"Told takes \['what'\]"):
        Told(**values)


def test_values_are_attributes_and_may_have_a_default() -> None:
    error = WithDefault(ref="C-1")
    assert (error.ref, error.line, error.values) == ("C-1", "7", {"ref": "C-1", "line": "7"})
    assert str(WithDefault(ref="C-1", line="8")) == "C-1 8"
    assert More.names == {"ref", "line", "on"}


def test_a_fact_has_its_status() -> None:
    assert (DomainError.http_status, NotAllowed.http_status, More.http_status) == (409, 403, 404)


def test_the_text_is_written_when_it_is_shown_and_not_when_it_is_raised() -> None:
    with override("en"):
        error = Told(what=Fruit.APPLE)
    with override("zh-hans"):
        assert str(error) == "已通过"
    with override("en"):
        assert str(error) == "Approved"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (dt.date(2026, 3, 9), "9 March 2026", "2026年3月9日"),
        (dt.datetime(2026, 3, 8, 23, 5, tzinfo=dt.UTC), "9 March 2026, 07:05 Beijing\xa0time", None),
        (Money(1_234_50, "CNY", 2), "¥1,234.50", "1,234.50 元"),
        (Text("Mutual aid", "互助"), "Mutual aid", "互助"),
        (["b", "a"], "b, a", "b、a"),
        ((), "", ""),
        ([Money(1, "EUR", 2), dt.date(2026, 3, 9)], "€0.01, 9 March 2026", "0.01 欧元、2026年3月9日"),
        (7, "7", "7"),
        ("x" * 201, "x" * 200 + "…", None),
        ("a\u202egpj.exe\x00\n", "agpj.exe", None),
    ],
)
def test_each_kind_of_value_is_written_in_one_way(value: Any, english: str, chinese: str | None) -> None:
    with timezone.override("Asia/Shanghai"):
        assert said(value) == english
        assert chinese is None or said(value, "zh-hans") == chinese


def test_a_moment_is_written_with_the_zone_in_which_it_is_shown() -> None:
    at = dt.datetime(2026, 3, 8, 23, 5, tzinfo=dt.UTC)
    with timezone.override("Europe/Berlin"):
        assert said(at) == "9 March 2026, 00:05 UTC+01:00"
        assert said(at, "zh-hans") == "2026年3月9日 00:05 UTC+01:00"


def test_several_facts_follow_each_other_as_sentences() -> None:
    facts = [Told(what="One."), Told(what="Two.")]
    assert said(facts) == "One. Two."
    assert said(facts, "zh-hans") == "One.Two."


def test_a_number_chooses_its_plural_form() -> None:
    with override("en"):
        assert "1 character," in str(Counted(most=1))
        assert "2 characters," in str(Counted(most=2))


def test_a_fact_can_be_copied_and_sent_to_another_process() -> None:
    error = WithDefault(ref="C-1", line="8")
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is WithDefault
        assert other.values == error.values
