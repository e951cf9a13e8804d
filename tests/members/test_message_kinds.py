"""What members/ and allocation/ declare about messages: whole, in words that their parameters fill."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils.translation import override

from audit.message_kinds import MessageKind, Param, Silent, Tells
from audit.rooms import RoomConfig
from members.messages import MESSAGE_KINDS as OF_MEMBERS
from members.models import Message
from members.selectors.messages import told

ROOMS = ["members", "allocation"]
AT = dt.datetime(2026, 3, 11, 2, 15, tzinfo=dt.UTC)
SAMPLES = {
    Param.REF: "C26-7K3M9Q",
    Param.PLAN: "no-such-plan",
    Param.NUMBER: 7,
    Param.MOMENT: AT,
    Param.DAY: AT.date(),
}
_AMOUNT_OR_ILLNESS = re.compile(r"amount|illness|diagnos|¥|疾病|确诊|金额", re.IGNORECASE)


def room(name: str) -> RoomConfig:
    found = apps.get_app_config(name)
    assert isinstance(found, RoomConfig)
    return found


def kinds() -> list[tuple[str, MessageKind]]:
    return [pair for name in ROOMS for pair in room(name).message_kinds.items()]


@pytest.mark.parametrize("name", ROOMS)
def test_every_entry_tells_somebody_or_says_why_not(name: str) -> None:
    assert room(name).told.keys() == room(name).entry_words.keys()
    for told_by in room(name).told.values():
        assert isinstance(told_by, Silent) == bool(getattr(told_by, "why", ""))


@pytest.mark.parametrize("name", ROOMS)
def test_every_kind_is_told_by_an_entry_or_reminds(name: str) -> None:
    told_by = [one for each in room(name).told.values() if not isinstance(each, Silent) for one in each]
    assert all(isinstance(one, Tells) for one in told_by)
    reminders = {key for key, kind in room(name).message_kinds.items() if kind.reminds}
    assert {one.message for one in told_by} | reminders == room(name).message_kinds.keys()
    assert all(key.startswith(f"{name}.") for key in room(name).message_kinds)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("name", "kind"), kinds(), ids=lambda one: one if isinstance(one, str) else "")
def test_its_words_are_whole_in_both_languages(name: str, kind: MessageKind, language: str) -> None:
    values = {key: SAMPLES[param] for key, param in kind.params.items()}
    message = Message(kind=name, params=kind.stored(values), due_at=AT if kind.due else None)
    with override(language):
        words = told(message)
        texts = [words.subject, *words.body, words.why, words.act]
    assert all(texts)
    assert not _AMOUNT_OR_ILLNESS.search(words.subject)
    assert "%" not in "".join(texts)
    if language == "zh-hans":
        # Every text was translated: no English sentence is left.
        assert all(re.search(r"[一-鿿]", text) for text in texts)
    assert words.path == reverse(kind.address.url_name, args=[values[key] for key in kind.address.params])


def test_what_all_are_told_is_mailed_to_those_alone_who_want_it() -> None:
    assert not [name for name, kind in kinds() if kind.is_to_all and kind.is_owed]
    assert len(OF_MEMBERS) > 20
