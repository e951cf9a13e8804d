"""What forbids a log-in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class EmailTaken(DomainError):
    text = _("There is a log-in with this e-mail address already. Use another address.")


class MailNotSent(DomainError):
    http_status = 503
    text = _(
        "Our mail server did not take the message. If you were signing up, your log-in exists: sign in, and the "
        "message is sent again."
    )
