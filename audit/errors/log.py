"""What forbids reading or exporting the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class LogNotSigned(DomainError):
    text = _("The log has no checkpoint yet: come back in a few seconds.")


class NotYetProven(DomainError):
    text = _(
        "No checkpoint covers this entry yet. They are signed at fixed moments, a minute apart or less: ask again in a "
        "moment."
    )


class LogNotYours(NotAllowed):
    text = _("Only somebody who may read the whole log can export it. Ask an auditor.")
