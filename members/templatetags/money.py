"""Filters and tags that write amounts with their currency."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from members.rules.money import format_minor

register = template.Library()

_SMALLEST_UNITS = {"CNY": 2, "EUR": 2, "USD": 2, "GBP": 2, "JPY": 0}


def _write_money(amount_minor: int | str | None, currency: str, exponent: int | str) -> str:
    if amount_minor in (None, ""):
        return ""
    return format_minor(int(amount_minor or 0), currency, int(exponent), get_language() or "en")


@register.filter
def money(amount_minor: int | None, source: Any) -> str:
    """An amount in minor units, in the currency of `source`: a plan (anything with `.currency`) or a currency code."""
    if isinstance(source, str):
        return _write_money(amount_minor, source, _SMALLEST_UNITS.get(source, 2))
    exponent = getattr(source, "currency_exponent", getattr(source, "exponent", None))
    currency = getattr(source, "currency", "") or ""
    return _write_money(amount_minor, currency, _SMALLEST_UNITS.get(currency, 2) if exponent is None else exponent)


@register.simple_tag(name="money")
def money_tag(amount_minor: int | None, currency: str, exponent: int | str = 2) -> str:
    """An amount in minor units with its currency code and number of decimals given."""
    return _write_money(amount_minor, currency, exponent)
