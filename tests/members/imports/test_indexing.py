"""What is indexed by the batch is what `members.fields` makes."""

from __future__ import annotations

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from members.fields import blind_index
from members.imports.indexing import BlindIndexer


@given(st.sampled_from(["id_number", "phone", "address", "employer"]), st.text(max_size=60))
def test_blind_indexes_are_those_of_the_model(purpose: str, value: str) -> None:
    indexer = BlindIndexer(settings.BLIND_INDEX_KEY)

    assert indexer.index(purpose, value) == blind_index(purpose, value)
    assert indexer.index_shared(purpose, value) == blind_index(purpose, value)


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_keys_of_any_length(length: int, settings: object) -> None:
    settings.BLIND_INDEX_KEY = b"k" * length  # type: ignore[attr-defined]

    assert BlindIndexer(b"k" * length).index("phone", "１３９ 0000") == blind_index("phone", "1390000")
