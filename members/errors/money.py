"""What is no amount of money."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class AmountInvalid(DomainError):
    http_status = 400
    text = _(
        "“%(written)s” is not an amount of money. Write digits with at most %(decimals)s decimals, such as 1,250.5."
    )
    text_without_decimals = _("“%(written)s” is not an amount of money. Write digits without decimals, such as 1250.")
    written: str
    decimals: int

    def __str__(self) -> str:
        return self.write(self.text if self.decimals else self.text_without_decimals)
