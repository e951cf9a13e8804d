"""Every kind of act that the service records has words, and no words stand for nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from audit.words import WORDS, words_for

ROOT = Path(__file__).parents[2]
ROOMS = ("audit", "members", "jury", "adjudication", "allocation")
KIND = re.compile(r"[a-z_]+\.[a-z_]+")


def kinds_written() -> set[str]:
    """Every text given as `kind=` that reads noun.verb, itself or by the name of a constant or a table of them."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    ]
    constants: dict[str, set[str]] = {}
    for tree in trees:
        for statement in tree.body:
            if isinstance(statement, ast.Assign):
                constants |= _constants(statement.targets[0], statement.value)
    found = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "kind":
                for inner in ast.walk(node.value):
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        found.add(inner.value)
                    elif isinstance(inner, ast.Name):
                        found |= constants.get(inner.id, set())
    return {kind for kind in found if KIND.fullmatch(kind)}


def _constants(target: ast.expr, value: ast.expr) -> dict[str, set[str]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        found: dict[str, set[str]] = {}
        for one, other in zip(target.elts, value.elts, strict=True):
            found |= _constants(one, other)
        return found
    values = value.values if isinstance(value, ast.Dict) else [value]
    texts = {one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {target.id: texts} if isinstance(target, ast.Name) else {}


def test_every_kind_has_words_and_all_words_have_a_kind() -> None:
    written = kinds_written()

    assert len(written) > 60
    assert {"draw.continued", "log.key_rotated", "demo.loaded"} <= written, "kinds by way of a function or a constant"
    assert sorted(written - WORDS.keys()) == [], "give these kinds words in audit/words.py"
    assert sorted(WORDS.keys() - written) == [], "nothing writes these kinds any more"


def test_words_are_plain() -> None:
    for kind, words in WORDS.items():
        assert KIND.fullmatch(kind)
        assert words_for(kind)[0].isupper()
        assert not words_for(kind).endswith("."), words
    assert words_for("thing.undone") == "thing.undone"
