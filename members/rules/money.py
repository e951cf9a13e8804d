"""Amounts in minor units: how they are written for people and read from people. No floats, no rounding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal

from members.errors.money import AmountInvalid

_SYMBOLS = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£"}
_CHINESE_UNITS = {"CNY": "元", "EUR": "欧元", "USD": "美元", "GBP": "英镑"}
_AMOUNT = re.compile(r"(-?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency with so many decimals, for texts in either language."""

    amount_minor: int
    currency: str
    exponent: int

    def in_language(self, language: str | None) -> str:
        """The amount as people write it."""
        return format_minor(self.amount_minor, self.currency, self.exponent, language)


def format_minor(amount_minor: int, currency: str, exponent: int, language: str | None = "en") -> str:
    """An amount for people: `¥300,000.00` in English, `300,000.00 元` in Chinese; the sign stands first."""
    sign = "-" if amount_minor < 0 else ""
    units, rest = divmod(abs(amount_minor), 10**exponent)
    digits = f"{units:,}.{rest:0{exponent}d}" if exponent else f"{units:,}"
    if language is not None and language.lower().startswith("zh"):
        return f"{sign}{digits} {_CHINESE_UNITS.get(currency, currency)}"
    return f"{sign}{_SYMBOLS.get(currency, currency + ' ')}{digits}"


def parse_major(text: str, exponent: int) -> int:
    """Minor units of an amount written in major units: `12.34` is 1234 when the currency has two decimals.

    Commas may group thousands. Raises AmountInvalid for anything else, more decimals than the currency has included.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or len(match[3] or "") > exponent:
        raise AmountInvalid(written=text, decimals=exponent)
    amount = Decimal(f"{match[1]}{match[2].replace(',', '')}.{match[3] or '0'}")
    # scaleb instead of a product, under a context as long as the number: the default one rounds after 28 digits.
    return int(amount.scaleb(exponent, context=Context(prec=len(text) + exponent + 1)))
