"""What the rooms declare about messages: every entry tells somebody or says why not, and every word is there."""

from __future__ import annotations

import ast
import datetime as dt
import re
from functools import cache
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from audit.actors import SYSTEM
from audit.message_kinds import MessageKind, Param, Silent, Tells
from audit.rooms import RoomConfig, message_kinds, rooms, told_by
from audit.services import append
from run.messages import compile_all
from tests.guards import certain, untold
from tests.kinds import MESSAGE_KINDS as OF_THE_TESTS

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NOT_YET = {room.name for room in rooms() if not type(room).told}
"""Rooms whose table is still empty."""
DECLARED = [room for room in rooms() if room.name not in NOT_YET]
KINDS = {name: kind for name, kind in message_kinds().items() if name not in OF_THE_TESTS}
SAMPLES: dict[Param, object] = {
    Param.REF: "C26-7K3M9Q",
    Param.PLAN: "xhb",
    Param.NUMBER: 7,
    Param.DAY: dt.date(2026, 3, 7),
}


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    compile_all()


def below(room: RoomConfig) -> set[str]:
    """The kinds of messages that a room may send: its own and those of the rooms below it."""
    order = rooms()
    return {name for lower in order[: order.index(room) + 1] for name in type(lower).message_kinds}


def telling(room: RoomConfig) -> list[tuple[str, Tells]]:
    return [(kind, one) for kind, told in type(room).told.items() if not isinstance(told, Silent) for one in told]


@pytest.mark.parametrize("room", DECLARED, ids=lambda room: room.name)
def test_every_kind_of_entry_tells_somebody_or_says_why_not(room: RoomConfig) -> None:
    assert set(type(room).told) == set(type(room).entry_words)
    for told in type(room).told.values():
        assert told, "an empty tuple says nothing"
        if isinstance(told, Silent):
            assert re.fullmatch(r"[A-Z].+\.", told.why)


@pytest.mark.parametrize("room", DECLARED, ids=lambda room: room.name)
def test_an_entry_tells_by_kinds_that_its_room_or_one_below_declares(room: RoomConfig) -> None:
    assert {one.message for _kind, one in telling(room)} <= below(room)
    assert all(one.when for _kind, one in telling(room) if one.where), "say in words what the facts mean"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_sent_by_an_entry_or_by_a_sweep_and_not_by_both(name: str) -> None:
    by_entry = any(one.message == name for room in rooms() for _kind, one in telling(room))
    assert by_entry != bool(KINDS[name].reminds)


@cache
def texts_of_the_code() -> frozenset[str]:
    """Every text in the code of the rooms but where messages are declared."""
    sending = [
        path
        for room in rooms()
        for path in (ROOT / room.name).rglob("*.py")
        if not {"migrations", "messages"} & {*path.parts, path.stem} or "services" in path.parts
    ]
    return frozenset(
        node.value
        for path in sending
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_named_where_it_is_sent(name: str) -> None:
    assert name in texts_of_the_code()


def texts_of(kind: MessageKind) -> list[str]:
    return [str(text) for text in (kind.subject, *kind.body, kind.why, kind.act)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", KINDS)
def test_the_words_name_the_parameters_and_no_others(name: str, language: str) -> None:
    kind = KINDS[name]
    with translation.override(language):
        named = {found for text in texts_of(kind) for found in PLACEHOLDER.findall(text)}
        assert named | set(kind.address.params) | ({kind.due} if kind.due else set()) == set(kind.params)
        assert all(text % dict.fromkeys(kind.params, "x") for text in texts_of(kind))
        if language == "zh-hans":
            assert all(re.search(r"[\u4e00-\u9fff]", text) for text in texts_of(kind))
            assert not [text for text in texts_of(kind) if re.search(r"[A-Za-z]{4,}", PLACEHOLDER.sub("", text))]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", KINDS)
def test_a_subject_is_short_and_ends_without_a_full_stop(name: str, language: str) -> None:
    with translation.override(language):
        subject = str(KINDS[name].subject)
    assert len(subject) <= 80
    assert not subject.endswith((".", "。", "!", "！"))


@pytest.mark.parametrize("name", KINDS)
def test_a_message_leads_to_a_page_that_there_is(name: str) -> None:
    kind = KINDS[name]
    assert all(kind.params[param] in SAMPLES for param in kind.address.params)
    assert reverse(kind.address.url_name, args=[SAMPLES[kind.params[param]] for param in kind.address.params])


@pytest.mark.parametrize("name", KINDS)
def test_what_a_kind_says_of_its_deadline_fits_together(name: str) -> None:
    kind = KINDS[name]
    assert not kind.due or kind.params[kind.due] is Param.MOMENT
    assert kind.due or not kind.is_moot_when_due
    assert kind.is_owed or not kind.is_notice, "what has consequences cannot be switched off"


def test_the_table_is_long_enough_to_be_the_real_one() -> None:
    assert len(KINDS) > 35
    assert len(certain()) > 20


@pytest.mark.django_db
@pytest.mark.bare_entries
def test_an_act_that_should_tell_and_does_not_is_found() -> None:
    with transaction.atomic():
        append(kind="claim.submitted", stream="claim:C26-AAAAAA", by=SYSTEM)
        append(kind="answer.given", stream="claim:C26-AAAAAA", by=SYSTEM, body={"answer": "jury"})
        append(kind="claim.viewed", stream="claim:C26-AAAAAA", by=SYSTEM)
    assert [line.partition(": ")[0] for line in untold()] == [
        "claim.submitted of claim:C26-AAAAAA should have told adjudication.filed",
        "answer.given of claim:C26-AAAAAA should have told adjudication.answer_jury",
    ]


def test_a_table_says_by_facts_when_it_is_certain() -> None:
    sure, told, unsure = Tells("x"), Tells("x", when="yes", where={"a": 1}), Tells("x", when="sometimes")
    assert (sure.is_certain, told.is_certain, unsure.is_certain) == (True, True, False)
    assert sure.fits({})
    assert told.fits({"a": 1, "b": 2})
    assert not told.fits({"a": 2})
    assert not told.fits({})
    assert isinstance(told_by()["claim.viewed"], Silent)
