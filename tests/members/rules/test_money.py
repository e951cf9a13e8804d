"""Amounts as people read and write them."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from members.errors.money import AmountInvalid
from members.rules.money import format_minor, parse_major


@pytest.mark.parametrize(
    ("amount_minor", "currency", "exponent", "language", "text"),
    [
        (30_000_000, "CNY", 2, "en", "¥300,000.00"),
        (30_000_000, "CNY", 2, "zh-hans", "300,000.00 元"),
        (5, "CNY", 2, "en", "¥0.05"),
        (0, "CNY", 2, None, "¥0.00"),
        (-123_456, "CNY", 2, "en", "-¥1,234.56"),
        (-123_456, "CNY", 2, "zh", "-1,234.56 元"),
        (1250, "JPY", 0, "en", "JPY 1,250"),
        (1_234_567, "BHD", 3, "zh", "1,234.567 BHD"),
    ],
)
def test_format_minor(amount_minor: int, currency: str, exponent: int, language: str | None, text: str) -> None:
    assert format_minor(amount_minor, currency, exponent, language) == text


@pytest.mark.parametrize(
    ("text", "exponent", "amount_minor"),
    [
        ("12.34", 2, 1234),
        ("12.3", 2, 1230),
        ("12", 2, 1200),
        (" 300,000.00 ", 2, 30_000_000),
        ("-0.01", 2, -1),
        ("-0", 2, 0),
        ("1250", 0, 1250),
        ("0.125", 3, 125),
        ("9" * 40 + ".99", 2, int("9" * 42)),
    ],
)
def test_parse_major(text: str, exponent: int, amount_minor: int) -> None:
    assert parse_major(text, exponent) == amount_minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12.345",
        "12.",
        ".5",
        "1e3",
        "NaN",
        "Infinity",
        "12,34",
        "1,0000",
        "1 000",
        "¥5",
        "--1",
        "+1",
        "１２",
        "0x10",
        "1_000",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(AmountInvalid) as caught:
        parse_major(text, 2)
    with translation.override("en"):
        assert f"“{text}” is not an amount" in str(caught.value)
        assert "at most 2 decimals" in str(caught.value)


def test_a_currency_without_decimals_says_so() -> None:
    with pytest.raises(AmountInvalid) as caught:
        parse_major("12.5", 0)
    with translation.override("en"):
        assert "without decimals" in str(caught.value)


@given(amount_minor=st.integers(-(10**30), 10**30), exponent=st.integers(0, 4))
def test_what_is_written_can_be_read_back(amount_minor: int, exponent: int) -> None:
    text = format_minor(amount_minor, "XXX", exponent, "en").replace("XXX ", "")
    assert parse_major(text, exponent) == amount_minor
