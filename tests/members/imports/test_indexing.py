"""What is indexed by the batch is what `members.fields` makes."""

from __future__ import annotations

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from members.fields import blind_index, blind_number
from members.imports.indexing import BlindIndexer
from members.rules.comparing import comparable


@given(st.sampled_from(["id_number", "phone", "address", "employer"]), st.text(max_size=60))
def test_blind_indexes_are_those_of_the_model(purpose: str, value: str) -> None:
    index = getattr(BlindIndexer(settings.BLIND_INDEX_KEY), purpose)

    assert index(value) == index(value) == blind_index(purpose, value)


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_keys_of_any_length(length: int, settings: object) -> None:
    settings.BLIND_INDEX_KEY = b"k" * length  # type: ignore[attr-defined]

    assert BlindIndexer(b"k" * length).phone("１３９ 0000") == blind_index("phone", "1390000")


@given(st.text(min_size=1, max_size=60).filter(lambda value: comparable("name", value) != ""))
def test_blind_numbers_are_those_of_the_model(name: str) -> None:
    index = BlindIndexer(settings.BLIND_INDEX_KEY).name

    assert index(name) == index(name) == blind_number("name", name)
    assert -(2**63) <= index(name) < 2**63


def test_a_blind_number_tells_names_apart_by_what_they_say_and_not_by_how_they_are_written() -> None:
    assert blind_number("name", "John Smith") == blind_number("name", " john  SMITH ")
    assert blind_number("name", "John Smith") != blind_number("name", "John Smyth")
    assert blind_number("name", "John Smith") != blind_number("employer", "John Smith")
    assert blind_number("name", " ") is None
