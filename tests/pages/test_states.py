"""One vocabulary for states: the label of the enum is the word on every page, and nothing else says it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.db.models import Field, Model
from django.urls import get_resolver
from django.utils import translation
from django.utils.functional import Promise
from django_fsm import FSMFieldMixin

from adjudication.models.claims import ClaimStatus
from allocation.models.arrears import ArrearStatus
from allocation.models.refunds import RefundStatus
from allocation.rules.payment_states import PaymentState
from audit.rooms import all_machines
from audit.state_fields import MachineField, StateField
from members.rules.difference_words import WORDS as DIFFERENCE_WORDS
from members.rules.verdicts import Opinion, RoundOutcome, Verdict
from pages.states import Shape, StateChoices
from pages.templatetags import assize

ROOT = Path(__file__).parents[2]
ROOMS = ("pages", "audit", "members", "jury", "adjudication", "allocation", "config")
WORDS_OF_PLANS = "members/rules/difference_words.py"
"""Lies below gettext, in both languages at once; a test below holds it to the labels."""

EVENTS = "adjudication/selectors/timelines.py"
"""Tells in sentences what happened; it names no state."""

assert get_resolver().url_patterns, "so that every module of a page is imported"
STATES = StateChoices.__subclasses__()


def columns() -> list[tuple[type[Model], Field]]:
    return [
        (model, field)
        for model in apps.get_models()
        if model.__module__.partition(".")[0] in ROOMS
        for field in model._meta.local_fields
    ]


def test_there_are_states_to_look_at() -> None:
    assert len(STATES) > 25
    assert {ClaimStatus, RefundStatus, PaymentState, Verdict} <= set(STATES)


@pytest.mark.parametrize("states", STATES, ids=lambda states: states.__name__)
def test_every_state_has_a_shape_and_a_word_in_both_languages(states: type[StateChoices]) -> None:
    room = states.__module__.partition(".")[0]
    with (ROOT / room / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as catalogue:
        messages = sorted(read_po(catalogue), key=lambda one: not one.context)
        chinese = {message.id: message.string for message in messages}
    for state in states:
        assert state.shape in Shape
        assert isinstance(state._label_, Promise), f"{states.__name__}.{state.name} has no text of gettext"
        with translation.override("en"):
            word = str(state.label)
            assert word[0].isupper()
            assert not word.endswith(".")
            assert assize.status_label(state) == word
        with translation.override("zh-hans"):
            assert chinese.get(word), f"{word}: to be translated in {room}/locale"
            assert assize.status_label(state) == state.label == chinese[word]
        assert assize.status_kind(state) == state.shape


@pytest.mark.parametrize("states", STATES, ids=lambda states: states.__name__)
def test_no_two_states_of_one_enum_look_alike(states: type[StateChoices]) -> None:
    assert len({str(state.label) for state in states}) == len(states)


def test_a_state_without_a_shape_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        StateChoices("Bare", [("DONE", ("done", "Done"))])  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="round"):
        StateChoices("Odd", [("DONE", ("done", "round", "Done"))])  # type: ignore[call-overload]


def test_every_column_with_a_state_reads_as_one() -> None:
    """A column with plain choices would give a page a bare text, which knows no word."""
    known = {tuple(states.values): states for states in STATES}
    bare = [
        f"{model.__name__}.{field.name}"
        for model, field in columns()
        if (isinstance(field, FSMFieldMixin) and not isinstance(field, MachineField))
        or (
            not isinstance(field, (StateField, MachineField))
            and tuple(value for value, _label in field.flatchoices) in known
        )
    ]

    assert bare == []
    assert len([field for _model, field in columns() if isinstance(field, (StateField, MachineField))]) > 20


def test_the_states_of_a_machine_are_those_of_its_enum() -> None:
    enums = {tuple(field.states.values) for _model, field in columns() if isinstance(field, MachineField)}

    assert {machine.states for machine in all_machines()} == enums


def test_what_is_set_or_read_is_a_member_and_one_value_may_have_two_words() -> None:
    from adjudication.models import Claim
    from allocation.models import Arrear, Refund

    assert Claim(status="paid").status is ClaimStatus.PAID
    assert assize.status_label(Arrear(status="settled").status) == ArrearStatus.SETTLED.label == "Paid later"
    assert assize.status_label(Refund(status="settled").status) == RefundStatus.SETTLED.label == "Settled"


@pytest.mark.parametrize("bare", ["settled", "never_heard_of", 7])
def test_a_bare_text_is_no_state(bare: object) -> None:
    with pytest.raises(TypeError, match="no state"):
        assize.status_label(bare)
    with pytest.raises(TypeError, match="no state"):
        assize.status_kind(bare)


@pytest.mark.parametrize("nothing", ["", None])
def test_where_there_is_no_state_yet_there_is_no_word(nothing: object) -> None:
    assert assize.status_label(nothing) == ""


def test_in_a_sentence_a_word_begins_small() -> None:
    assert ClaimStatus.UNDER_INVESTIGATION.in_sentence == "under investigation"
    with translation.override("zh-hans"):
        assert ClaimStatus.UNDER_INVESTIGATION.in_sentence == "调查中"


def test_no_template_gives_a_bare_text() -> None:
    """Either `:value` with something that knows its enum, or a kind with a text of the page's own."""
    bare = re.compile(r"<c-status (?!:value=|kind=)|\"\w+\"\|status_(?:label|kind)|<c-status[^>]*[^:]value=")
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if bare.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_no_other_table_gives_words_to_states() -> None:
    """A dictionary from three values of one enum, or all of them, to texts would be a second vocabulary."""
    enums = [set(states.values) for states in STATES]
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "migrations" in path.parts or name in {WORDS_OF_PLANS, EVENTS}:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Dict) and any(_is_text(value) for value in node.values):
                    keys = {_key(key) for key in node.keys}
                    if any(len(keys & values) >= min(3, len(values)) for values in enums):
                        found.append(f"{name}:{node.lineno}")

    assert found == []


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in {"_", "gettext", "gettext_lazy", "Text"}


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return node.attr.lower() if isinstance(node, ast.Attribute) else ""


@pytest.mark.parametrize(
    "state", [*Verdict, *Opinion, *RoundOutcome], ids=lambda state: f"{type(state).__name__}.{state}"
)
def test_a_plan_s_text_says_the_same(state: StateChoices) -> None:
    words = DIFFERENCE_WORDS[state.value]
    with translation.override("en"):
        assert words.en == state.in_sentence
    with translation.override("zh-hans"):
        assert words.zh == state.label
