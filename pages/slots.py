"""Pages that differ in a few words only: rendered once in each language, then filled in.

For an answer that must be quick, such as the receipt of a ballot. Nothing of such a page may depend on who reads it
but what stands in its slots.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.translation import get_language

_MARK = "\x1f"
"""No template, text or value contains this character; HTML forbids it."""


def page_in_slots(template: str, context: Mapping[str, bool], slots: Mapping[str, Any]) -> str:
    """The page with its slots filled in, escaped as a template would; `context` are the few cases of its form."""
    parts = _parts(template, get_language() or "", tuple(context.items()), tuple(slots))
    escaped = {name: conditional_escape(value) for name, value in slots.items()}
    # Text and the names of slots take turns.
    return "".join(escaped[part] if is_slot else part for part, is_slot in parts)


@lru_cache(maxsize=64)
def _parts(
    template: str, language: str, context: tuple[tuple[str, bool], ...], names: tuple[str, ...]
) -> tuple[tuple[str, bool], ...]:
    marked = {name: f"{_MARK}{name}{_MARK}" for name in names}
    page = render_to_string(template, {"product_name": settings.PRODUCT_NAME, **dict(context), **marked})
    return tuple((part, number % 2 == 1) for number, part in enumerate(page.split(_MARK)))
