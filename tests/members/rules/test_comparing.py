"""What is the same when it is compared, and what is not."""

from __future__ import annotations

import pytest

from members.rules.comparing import comparable

SAME = [
    ("phone", "13900000001", "+86 139-0000-0001"),
    ("phone", "13900000001", "0086 139 0000 0001"),
    ("phone", "13900000001", "8613900000001"),
    ("phone", "13900000001", "(+86)139\u20110000\u20110001"),
    ("phone", "13900000001", "１３９００００\u200b０００１"),
    ("phone", "010-12345678", "+86 10 12345678"),
    ("phone", "+49 170 123456", "0049170123456"),
    ("id_number", "44098119850517001X", "440981-19850517-001x"),
    ("id_number", "44098119850517001X", "\ufeff４４０９８１１９８５０５１７\u2060００１Ｘ"),
    ("id_number", "44098119850517001X", "440981\u201119850517\u2212001x"),
    ("id_number", "123", "\u0661\u0662\u0663"),
    ("name", "王小明", "王\u200b小明"),
    ("name", "Jean-Paul Li", "JEAN\u2011PAUL  LI"),
    ("name", "Jos\u00e9", "Jose\u200b\u0301"),
    ("address", "3-201 Harbour Road", "３\u2011２０１ harbour\u00adroad"),
    ("employer", "Beihu-Textiles", "beihu textiles"),
]
DIFFERENT = [
    ("phone", "13900000001", "13900000002"),
    ("phone", "13900000001", "+1 13900000001"),
    ("phone", "12345678", "8612345678"),
    ("id_number", "44098119850517001X", "440981198505170010"),
    ("address", "3-201 Harbour Road", "32-01 Harbour Road"),
    ("name", "王小明", "王小名"),
]


@pytest.mark.parametrize(("purpose", "one", "other"), SAME)
def test_same(purpose: str, one: str, other: str) -> None:
    assert comparable(purpose, one) == comparable(purpose, other) != ""


@pytest.mark.parametrize(("purpose", "one", "other"), DIFFERENT)
def test_different(purpose: str, one: str, other: str) -> None:
    assert comparable(purpose, one) != comparable(purpose, other)


@pytest.mark.parametrize("purpose", ["person", "household", "hospital", "draw step"])
def test_what_was_committed_keeps_its_form(purpose: str) -> None:
    """Digests of these stand in commitments that are published: no release may change them."""
    assert comparable(purpose, " First-Hospital\u200b Ａ ") == "first-hospital\u200ba"
