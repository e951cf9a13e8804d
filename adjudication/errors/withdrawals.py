"""What a hospital's withdrawal of a record prevents, and reasons to refuse noting one."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class WithdrawalUnknown(DomainError):
    http_status = 404
    text = _("There is no such withdrawal among your claims. Go back to the claim.")


class WithdrawalUnnoted(DomainError):
    """Nothing speaks for a claim while nobody has said what a withdrawn record means for it."""

    text = _(
        "Claim %(ref)s rests on a record that the hospital withdrew, and nobody has noted what that means. Note the "
        "withdrawal first; it is named at the top of the claim's page."
    )
    ref: str


class WithdrawalNoted(DomainError):
    text = _("This withdrawal was noted already (%(at)s). Reload the page to read the note.")
    at: dt.datetime


class NotForYouToNote(NotAllowed):
    text = _(
        "A withdrawal on claim %(ref)s is noted by a reviewer, or by the investigator of the claim until the report is "
        "signed. Ask one of them."
    )
    ref: str


class WithdrawalNoteMissing(DomainError):
    text = _("Say what the withdrawal means for the claim: ask the hospital, and write what it answered.")
