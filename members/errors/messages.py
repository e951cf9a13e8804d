"""What forbids an act on a message or its delivery."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class DeliveryNotRepeatable(DomainError):
    text = _(
        'This delivery stands at "%(status)s". Only one that failed, came back, or whose fate is not known can be sent '
        "again. Reload the page to see its state."
    )
    status: str


class MailNotOptional(DomainError):
    text = _(
        'No choice can be made about messages of the kind "%(kind)s": they are always sent, or are not for you. '
        "Choose among the kinds that your account page lists as your choice."
    )
    kind: str


class LanguageUnknown(DomainError):
    text = _('The service does not speak the language "%(language)s". Choose one of those that the page offers.')
    language: str


class NoNotice(DomainError):
    text = _(
        "Attempts to reach somebody are recorded for notices whose silence has a consequence, and not by their own "
        "reader. Choose one from the page “Not reached”."
    )


class AttemptUnfit(DomainError):
    text = _(
        "Say how you tried to reach the person, and what happened in %(least)s to %(most)s characters. Choose one of "
        "the ways that the page offers."
    )
    least: int
    most: int
