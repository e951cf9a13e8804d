"""What forbids registering a person, or acting for one."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class BirthImpossible(DomainError):
    http_status = 400
    text = _("Nobody can have been born on %(day)s. Check the date of birth.")
    day: dt.date


class PersonRegistered(DomainError):
    """The person is known already: by log-in, by identity number or by the source they were imported from."""

    text = _(
        "This person is already registered, with this log-in or this identity number. Sign in with the log-in used "
        "then, or ask the plan's staff to look."
    )


class PayerPaidFor(DomainError):
    text = _("This person is paid for by somebody else and can't pay for others. Let the payer add the family member.")


class PayerNotRegistered(DomainError):
    text = _("Only somebody who is registered can let family join. Join yourself first, then add them.")


class NotTheirs(NotAllowed):
    text = _("Only the person and the one who pays for them may do this. Ask one of them.")
