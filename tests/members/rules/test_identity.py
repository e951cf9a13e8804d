"""Identity numbers: what contradicts them, and what spreadsheets do to them."""

from __future__ import annotations

import datetime as dt

import pytest

from members.rules.identity import Damage, damage_to, doubts_about

BORN = dt.date(1985, 5, 17)


@pytest.mark.parametrize(
    ("number", "sex", "doubts"),
    [
        ("110101198505170018", "male", ()),
        ("１１０１０１１９８５０５１７００１８", "male", ()),
        ("110101 19850517\u200b-0018", "unknown", ()),
        ("44098119850517001x", "male", ()),
        ("44098119850517001X", "other", ()),
        ("110101198505170011", "male", ("check_digit",)),
        ("110101198505170018", "female", ("sex",)),
        ("310101199905170019", "male", ("birth",)),
        ("110101850517001", "male", ("old_form",)),
        ("110101850518002", "male", ("old_form", "birth", "sex")),
        ("E12345678", "male", ()),
        ("", "male", ()),
        ("11010119850517001", "male", ()),
    ],
)
def test_doubts(number: str, sex: str, doubts: tuple[str, ...]) -> None:
    assert doubts_about(number, BORN, sex) == doubts


@pytest.mark.parametrize(
    ("text", "damage"),
    [
        ("4.40981E+17", Damage.SCIENTIFIC),
        ("4,40981e+17", Damage.SCIENTIFIC),
        ("4.40981e17", Damage.SCIENTIFIC),
        ("４.４E＋１７", Damage.SCIENTIFIC),
        ("4.40981 x 10^17", Damage.SCIENTIFIC),
        ("1.39E+10", Damage.SCIENTIFIC),
        ("110101198505170000", Damage.ROUNDED),
        ("110101198505170018.0", Damage.FRACTION),
        ("13900000001,0", Damage.FRACTION),
        ("110,101,198,505,170,018", Damage.GROUPED),
        ('="110101198505170018"', Damage.FORMULA),
        ("=110101198505170018", Damage.FORMULA),
        ('"110101198505170018"', Damage.FORMULA),
        ("'110101198505170018", Damage.APOSTROPHE),
        ("\u200b\u2019110101198505170018", Damage.APOSTROPHE),
        ("########", Damage.MARK),
        ("#N/A", Damage.MARK),
        ("#VALUE!", Damage.MARK),
        ("110101198505170018", None),
        ("110101198505171000", Damage.ROUNDED),
        ("+86 139-0000-0001", None),
        ("13900000000", None),
        ("E12345678", None),
        ("", None),
    ],
)
def test_damage(text: str, damage: Damage | None) -> None:
    assert damage_to(text) == damage
