"""What forbids demonstration data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class NotADemonstration(DomainError):
    """Invented people must never be mixed with real ones."""

    text = _(
        "This database is not a demonstration: it holds people and no mark of one, or the service runs as a "
        "deployment. Demonstration data goes into an empty database with ASSIZE_MODE=demo."
    )
