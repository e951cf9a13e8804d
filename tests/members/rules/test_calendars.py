from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.calendars import calendar_of, escaped, folded

BEIJING = dt.timezone(dt.timedelta(hours=8))
WRITTEN = dt.datetime(2026, 3, 11, 10, 15, tzinfo=BEIJING)


def lines(due_at: dt.datetime = WRITTEN + dt.timedelta(days=4), **changed: str) -> list[str]:
    values = {"uid": "1@aid.example", "summary": "About A", "description": "Open it", "url": "https://aid.example/"}
    made = calendar_of(written_at=WRITTEN, due_at=due_at, product="Aid", **(values | changed))
    assert made.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    return made.decode().replace("\r\n ", "").splitlines()


def test_the_event_is_the_end_of_the_time_in_utc() -> None:
    assert "DTSTART:20260315T021500Z" in lines()
    assert "DTSTAMP:20260311T021500Z" in lines()
    assert not [line for line in lines() if line.startswith(("DTEND", "DURATION"))]


def test_the_reminder_comes_when_a_quarter_of_the_time_is_left() -> None:
    assert "TRIGGER:-PT1440M" in lines()
    assert "TRIGGER:-PT360M" in lines(due_at=WRITTEN + dt.timedelta(days=1))


@pytest.mark.parametrize(("minutes", "reminds"), [(19, False), (20, True)])
def test_very_short_times_have_no_reminder(minutes: int, reminds: bool) -> None:
    assert ("BEGIN:VALARM" in lines(due_at=WRITTEN + dt.timedelta(minutes=minutes))) is reminds


def test_it_is_one_object_with_what_the_standard_requires() -> None:
    found = lines()
    assert found[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert found[2].startswith("PRODID:")
    assert found[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    assert "UID:1@aid.example" in found


@pytest.mark.parametrize(
    ("text", "written"),
    [("a,b;c", r"a\,b\;c"), ("a\\b", r"a\\b"), ("a\nb", r"a\nb"), ("a\r\nb\rc", r"a\nb\nc")],
)
def test_text_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


def test_no_value_begins_a_line_of_its_own() -> None:
    found = lines(summary="A\r\nATTENDEE:x", url="https://aid.example/\r\nATTENDEE:y")
    assert not [line for line in found if line.startswith("ATTENDEE")]


@pytest.mark.parametrize(("length", "parts"), [(75, 1), (76, 2), (149, 2), (150, 3)])
def test_lines_are_folded_after_75_octets(length: int, parts: int) -> None:
    assert folded("x" * length).count(b"\r\n") == parts


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=300))
def test_folding_loses_nothing_and_tears_no_character_apart(text: str) -> None:
    made = folded(text)
    for line in made.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    assert made.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode() == text
