"""Facts about asking the payment service again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class NothingToAsk(DomainError):
    text = _(
        "No payment waits for an answer that a person could ask for again: each is settled, refused, or still asked "
        "about by the service itself. There is nothing to do."
    )
