"""Names in a notice give a hint and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.masking import masked_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("王明", "王*"),
        ("王", "王*"),
        ("欧阳小明", "欧**明"),
        ("买买提·阿卜杜拉", "买**拉"),
        (" 王 小明 ", "王*明"),
        ("John Smith", "J*** S***"),
        ("Jean-Luc Ó Briain", "J*** Ó*** B***"),
        ("Abe604 Frami345", "A*** F***"),
        ("Cher", "C***"),
        ("Pablo Diego José Francisco de Paula", "P*** D*** J*** F***"),
        ("J", "J***"),
        ("李 Anna", "李*** A***"),
        ("e\u0301mile", "é***"),
        ("\u202eJohn\u202c", "J***"),
        ("", "***"),
        (" \n\t", "***"),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@given(st.text())
def test_no_word_shows_more_than_its_ends(name: str) -> None:
    assert len(masked_name(name)) <= 20
    for word in masked_name(name).split(" "):
        assert "*" in word
        assert len(word.replace("*", "")) <= 2
