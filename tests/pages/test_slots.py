"""Pages that are rendered once and filled in."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from pages.slots import _parts, page_in_slots

TEMPLATE = "adjudication/ballot/done.html"
SLOTS: dict[str, Any] = dict.fromkeys(
    (
        "receipt",
        "token",
        "case_ref",
        "cast_at",
        "cast_machine",
        "closes_at",
        "closes_machine",
        "seat_url",
        "change_url",
    ),
    "",
)


def page(**slots: str) -> str:
    return page_in_slots(TEMPLATE, {"is_over": False}, SLOTS | slots)


def test_each_reader_gets_their_own_words_and_nobody_else_s() -> None:
    first, second = page(receipt="ABCD-1"), page(receipt="EFGH-2")
    assert "ABCD-1" in first
    assert "ABCD-1" not in second
    assert first.replace("ABCD-1", "EFGH-2") == second
    assert "\x1f" not in first


def test_what_is_filled_in_is_escaped() -> None:
    shown = page(case_ref='<script>"x"</script>')
    assert "<script>" not in shown
    assert "&lt;script&gt;&quot;x&quot;" in shown


@pytest.mark.parametrize("is_over", [True, False])
def test_each_language_and_case_is_rendered_once(is_over: bool) -> None:
    _parts.cache_clear()
    texts = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for _ in range(3):
                texts.add(page_in_slots(TEMPLATE, {"is_over": is_over}, SLOTS))
    assert len(texts) == 2
    assert (_parts.cache_info().misses, _parts.cache_info().hits) == (2, 4)
