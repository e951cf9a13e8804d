"""Every domain error of every room: where it stands, that its text and values agree, and that each raise gives them."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import pkgutil
import re
import typing
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

import audit.errors
from audit.errors import DomainError, NotAllowed
from members.rules.money import Money
from run.messages import compile_all
from tests.test_architecture import (
    CODE,
    ROOMS,
    ROOT,
    forbidden_imports,
    imports,
    layer,
    module_of,
    of_rooms,
    sources,
    tree,
)

NOT_IN_THE_TEXT = {
    "PlanFileInvalid": {"problems"},  # listed one by one on the draft's page
    "ExamNotPassed": {"wrong"},  # the form explains each of them
    "ConflictOfInterest": {"kinds"},  # in words, as far as the reader may know them, in "why"
    "JurorConflicted": {"reason"},  # the log knows it; the juror isn't told to whom they are close
}


def _facts() -> list[type[DomainError]]:
    for room in ROOMS:
        package = importlib.import_module(f"{room}.errors")
        for found in pkgutil.iter_modules(package.__path__, f"{room}.errors."):
            importlib.import_module(found.name)

    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    ours = {one for one in below(DomainError) if not one.__module__.startswith("tests.")} - {NotAllowed}
    return sorted(ours, key=lambda one: (one.__module__, one.__name__))


FACTS = _facts()
BY_NAME = {fact.__name__: fact for fact in FACTS}
each_fact = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    compile_all()


class Asked(dict[str, Any]):
    """Notes which values a text asks for; every value is the given number, by which plural forms are chosen."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.names: set[str] = set()

    def __missing__(self, name: str) -> int:
        self.names.add(name)
        return self.number


def _texts(fact: type[DomainError]) -> list[Any]:
    return [
        value for name in dir(fact) if name.startswith("text") and isinstance(value := getattr(fact, name), Promise)
    ]


def _placeholders(text: Any) -> set[str]:
    names = set()
    for number in (1, 2):
        asked = Asked(number)
        assert "%" not in text % asked
        names |= asked.names
    return names


def _sample(hint: Any) -> Any:
    """Some value of a type, as an error takes it."""
    plain: dict[Any, Any] = {
        str: "C-1",
        int: 2,
        dt.date: dt.date(2026, 3, 9),
        dt.datetime: dt.datetime(2026, 3, 9, 7, 5, tzinfo=dt.UTC),
        Money: Money(1_250, "CNY", 2),
    }
    if hint in plain:
        return plain[hint]
    if isinstance(hint, type) and issubclass(hint, DomainError):
        return BY_NAME["WorksForPlan"]()
    if typing.get_origin(hint) in {tuple, list} or str(hint).startswith("collections.abc.Sequence"):
        return (_sample(typing.get_args(hint)[0]),)
    return "xhb"


def _samples(fact: type[DomainError]) -> dict[str, Any]:
    hints = typing.get_type_hints(fact, localns={"_StrPromise": Promise})
    return {name: _sample(hints[name]) for name in fact.names if not hasattr(fact, name)}


def test_there_are_facts_in_every_room() -> None:
    assert {fact.__module__.split(".")[0] for fact in FACTS} == set(ROOMS)
    assert len(FACTS) > 120


def test_a_fact_has_one_name_in_the_whole_service() -> None:
    """The name is the `code` of the API's answer."""
    assert [name for name, count in Counter(fact.__name__ for fact in FACTS).items() if count > 1] == []


def test_facts_stand_in_the_errors_of_their_room_and_nowhere_else() -> None:
    bases = {"DomainError", "NotAllowed", *BY_NAME}
    for path in sources(*CODE):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ClassDef) or node.name in {"DomainError", "NotAllowed"}:
                continue
            if any(ast.unparse(base).rpartition(".")[2] in bases for base in node.bases):
                assert path.parent.name == "errors", f"{node.name} in {module_of(path)}"


def test_errors_are_imported_from_their_nouns() -> None:
    """No `__init__` passes them on; that of `audit` has the mechanism."""
    for room in ROOMS:
        body = tree(ROOT / room / "errors" / "__init__.py").body
        assert room == "audit" or len(body) == 1, room
    assert audit.errors.__all__ == ["DomainError", "NotAllowed", "Words"]


def test_errors_know_nothing_above_them() -> None:
    """Rules raise them too, so they reach no model: values come by name and not as rows."""
    above = of_rooms("models", "selectors", "services", "views", "forms", "tasks", "api")
    assert len(layer("errors")) > 25
    assert not forbidden_imports(layer("errors"), *above)


@each_fact
def test_the_text_asks_for_the_values_that_the_fact_has(fact: type[DomainError]) -> None:
    texts = _texts(fact)
    assert texts, "a fact has a text"
    for language in ("en", "zh-hans"):
        with override(language):
            asked = set().union(*map(_placeholders, texts))
        assert asked == fact.names - NOT_IN_THE_TEXT.get(fact.__name__, set())


@each_fact
def test_the_text_can_be_read_in_both_languages(fact: type[DomainError]) -> None:
    error = fact(**_samples(fact))
    with override("en"):
        english = str(error)
    with override("zh-hans"):
        chinese = str(error)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    for text in (english, chinese):
        assert "%(" not in text
        assert "None" not in text
        assert "<" not in text
    assert english.endswith((".", " WorksForPlan")) or fact.__name__ == "PlanFileInvalid"
    assert chinese.endswith(("。", "？")) or fact.__name__ == "PlanFileInvalid"
    # 503: not a rule, but a part that is away or full, and said at the form that it concerns.
    assert 400 <= fact.http_status < 500 or fact.http_status == 503


@cache
def _uses() -> list[tuple[str, ast.Call | ast.Name]]:
    """Every place that makes a fact, with what it gives; a bare name is a fact that is raised without values."""
    found: list[tuple[str, ast.Call | ast.Name]] = []
    for path in sources(*CODE):
        # Only names that come from an `errors` module: another class may be called the same.
        known = {name.rpartition(".")[2] for name, _line in imports(path) if ".errors." in name}
        if path.parent.name == "errors":
            known |= {node.name for node in tree(path).body if isinstance(node, ast.ClassDef)}
        for node in ast.walk(tree(path)):
            where = f"{path.relative_to(Path(ROOT))}:{getattr(node, 'lineno', 0)}"
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in known & BY_NAME.keys()
            ):
                found.append((where, node))
            elif (
                isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in known & BY_NAME.keys()
            ):
                found.append((where, node.exc))
    return found


def _name(use: ast.Call | ast.Name) -> str:
    func = use.func if isinstance(use, ast.Call) else use
    assert isinstance(func, ast.Name)
    return func.id


def test_every_raise_gives_the_values_that_the_fact_needs() -> None:
    wrong = []
    for where, use in _uses():
        fact = BY_NAME[_name(use)]
        given = {one.arg for one in use.keywords} if isinstance(use, ast.Call) else set()
        needed = {name for name in fact.names if not hasattr(fact, name)}
        if not needed <= given <= fact.names or (isinstance(use, ast.Call) and use.args):
            wrong.append(f"{where}: {fact.__name__} takes {sorted(fact.names)}")
    assert not wrong, "\n".join(wrong)


def test_every_fact_is_raised_somewhere() -> None:
    assert sorted(set(BY_NAME) - {_name(use) for _where, use in _uses()}) == []


def test_nobody_raises_the_root() -> None:
    """A refusal that names nothing helps nobody."""
    for path in sources(*CODE):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                name = ast.unparse(raised).rpartition(".")[2]
                assert name not in {"DomainError", "NotAllowed"}, f"{module_of(path)}:{node.lineno}"
