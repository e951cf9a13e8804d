"""What forbids settling a question about somebody's identity."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class IdentityQuestionUnknown(DomainError):
    http_status = 404
    text = _("There is no such question about an identity. Go back to the list.")


class IdentitySettled(DomainError):
    text = _("This question is settled (%(status)s), and can't be settled so again. Reload the page.")
    status: Words


class IdentityReasonUnfit(DomainError):
    http_status = 400
    text = _("Say in %(shortest)s to %(longest)s characters what you have seen: the auditor reads it.")
    shortest: int
    longest: int


class IdentityAnswerUnknown(DomainError):
    http_status = 400
    text = _("Choose whether the identity is confirmed.")
