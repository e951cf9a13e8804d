"""What the rooms declare: every kind of entry has words where it is written, and no words stand for nothing."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse

from audit.actors import SYSTEM
from audit.models import Entry
from audit.rooms import (
    KindUnknown,
    RoomConfig,
    all_links,
    all_machines,
    all_periodic_tasks,
    every_name,
    message_kinds,
    present_kind,
    retired_kinds,
    rooms,
    words_for,
)
from audit.services import append
from config.celery import app
from tests.upgrade.restoring import refused, releases

ROOT = Path(__file__).parents[2]
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
ROOMS = [room.name for room in rooms()]


@cache
def trees(room: str) -> list[ast.Module]:
    return [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def kinds_written(room: str) -> set[str]:
    """Every text given as `kind=` that reads noun.verb, itself or by the name of a constant or a table of them.

    A kind of message is given as `kind=` as well, and is none of the log.
    """
    constants = constants_of_all_rooms()
    found = set()
    for tree in trees(room):
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "kind":
                for inner in ast.walk(node.value):
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        found.add(inner.value)
                    elif isinstance(inner, ast.Name):
                        found |= constants.get(inner.id, set())
    return {kind for kind in found - set(message_kinds()) if KIND.fullmatch(kind)}


@cache
def constants_of_all_rooms() -> dict[str, set[str]]:
    constants: dict[str, set[str]] = {}
    for room in ROOMS:
        for tree in trees(room):
            for statement in tree.body:
                if isinstance(statement, ast.Assign):
                    constants |= _constants(statement.targets[0], statement.value)
    return constants


def _constants(target: ast.expr, value: ast.expr) -> dict[str, set[str]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        found: dict[str, set[str]] = {}
        for one, other in zip(target.elts, value.elts, strict=True):
            found |= _constants(one, other)
        return found
    values = value.values if isinstance(value, ast.Dict) else [value]
    texts = {one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {target.id: texts} if isinstance(target, ast.Name) else {}


def kinds_handed_on(room: str) -> list[str]:
    """Calls of `append` whose kind is neither a constant nor the keyword-only argument `kind` of the function."""
    found = []
    for function in (node for tree in trees(room) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        known = {one.arg for one in function.args.kwonlyargs if one.arg == "kind"} | set(constants_of_all_rooms())
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "append":
                kind = next(one.value for one in call.keywords if one.arg == "kind")
                constant = kind.value if isinstance(kind, ast.Subscript) else kind
                if not (isinstance(constant, ast.Constant) or ast.unparse(constant) in known):
                    found.append(f"{room}: {function.name} appends {ast.unparse(kind)}")
    return found


def declared(room: RoomConfig) -> set[str]:
    return set(type(room).entry_words)


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_declares_the_kinds_that_it_writes_and_no_others(room: RoomConfig) -> None:
    written = kinds_written(room.name)

    assert sorted(written - declared(room)) == [], f"give these kinds words in {room.name}/entries.py"
    assert sorted(declared(room) - written) == [], f"{room.name} writes these kinds no more"


def test_the_kinds_of_all_rooms_are_found() -> None:
    written = [kind for room in ROOMS for kind in kinds_written(room)]

    assert len(written) > 100
    assert len(written) == len(set(written)), "a kind is written by one room"
    assert {"draw.continued", "log.key_rotated", "demo.loaded", "memberships.imported"} <= set(written)


@pytest.mark.parametrize("room", ROOMS)
def test_no_kind_is_handed_on_where_it_would_not_be_found(room: str) -> None:
    """A function that is handed the kind takes it by the name `kind`, so that its callers are read as well."""
    assert kinds_handed_on(room) == []


@pytest.mark.django_db
def test_a_kind_that_no_room_declares_is_not_written() -> None:
    with pytest.raises(KindUnknown, match=r"thing\.undone.*entries\.py"), transaction.atomic():
        append(kind="thing.undone", stream="thing:1", by=SYSTEM)
    assert not Entry.objects.exists()


def test_words_are_plain() -> None:
    for kind in (kind for room in rooms() for kind in declared(room)):
        assert KIND.fullmatch(kind)
        assert words_for(kind)[0].isupper()
        assert not words_for(kind).endswith("."), kind
    assert words_for("thing.undone") == "thing.undone"


def test_no_two_rooms_declare_the_same() -> None:
    machines = [machine.name for machine in all_machines()]
    tasks = [name for room in rooms() for name in room.periodic_tasks]
    places = [link.place for link in all_links()]

    for names in (machines, tasks, places):
        assert len(set(names)) == len(names) > 5


def test_the_navigation_is_in_its_order_and_leads_somewhere() -> None:
    assert [link.url_name for link in all_links()] == [
        "home",
        "claim_list",
        "statement_list",
        "seat_list",
        "worklist",
        "opinion_list",
        "relation_list",
        "clock_list",
        "board",
        "people_search",
        "message_board",
        "identity_list",
        "period_board",
        "plan_draft_list",
        "audit_log",
        "operations",
        "period_list",
        "plan_list",
    ]
    assert all(reverse(link.url_name) for link in all_links())


def test_beat_starts_what_the_rooms_declare_and_all_of_it_are_tasks() -> None:
    app.loader.import_default_modules()

    assert {one["task"] for one in app.conf.beat_schedule.values()} == {
        one.task for one in all_periodic_tasks().values()
    }
    assert {one.task for one in all_periodic_tasks().values()} <= set(app.tasks)
    assert all(one.every_s > 0 for one in all_periodic_tasks().values())


@pytest.mark.parametrize("folder", ["audit", "pages", "config"])
def test_lower_rooms_name_no_kind_of_another(folder: str) -> None:
    """A text like `claim.submitted` in the log's own code would be another room's word in it."""
    others = {kind for room in rooms() if room.name != folder for kind in declared(room)}
    texts = {
        node.value
        for tree in trees(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert texts & others == set()


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_retired_kind_is_written_no_more_and_stands_for_one_of_its_room(room: RoomConfig) -> None:
    retired = type(room).retired_kinds

    assert retired.keys() & kinds_written(room.name) == set()
    assert set(retired.values()) <= declared(room)


def test_no_kind_that_a_release_wrote_is_forgotten() -> None:
    """What the kept logs of earlier releases hold is written today, or declared as retired."""
    written = {kind for release in (*releases(), *refused()) for kind in release.about["kinds"]}

    assert len(written) > 50
    assert sorted(kind for kind in written if words_for(kind) == kind) == []


def test_a_retired_kind_reads_as_the_one_of_today() -> None:
    assert present_kind("draw.word_given") == "draw.nonce_given"
    assert words_for("draw.word_given") == words_for("draw.nonce_given") != "draw.nonce_given"
    assert every_name("draw.nonce_given", "draw.made") == ["draw.nonce_given", "draw.made", "draw.word_given"]
    assert every_name("draw.made") == ["draw.made"]
    assert len(retired_kinds()) == len({old for room in rooms() for old in room.retired_kinds})


def searches_by_kind(tree: ast.Module) -> list[str]:
    """Queries that name a kind of entry otherwise than through `every_name`."""
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and "Entry.objects" in ast.unparse(call.func):
            for one in call.keywords:
                is_whole = isinstance(one.value, ast.Call) and ast.unparse(one.value.func) == "every_name"
                if (one.arg or "").partition("__")[0] == "kind" and not is_whole:
                    found.append(ast.unparse(call))
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_entries_are_searched_under_every_name_of_their_kind(room: str) -> None:
    if room != "bench":
        assert [found for tree in trees(room) for found in searches_by_kind(tree)] == []


def test_the_rule_on_searches_bites() -> None:
    bad = ast.parse("Entry.objects.filter(kind=VIEWED)\nEntry.objects.filter(stream=s).filter(kind__in=['a.b'])")
    good = ast.parse("Entry.objects.filter(kind__in=every_name(VIEWED), stream=s)")

    assert len(searches_by_kind(bad)) == 2
    assert searches_by_kind(good) == []
