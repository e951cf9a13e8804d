"""Where the log-in library meets the domain: signing up, the name that lock-outs count, and the record of log-ins."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import get_language

from members.errors.users import MailNotSent
from members.models import User
from members.services.mail_choices import choose_language
from members.services.users import (
    record_address,
    record_login,
    record_password,
    record_second_factor,
    record_sign_up,
)

_CREDENTIAL_NAMES = ("email", "login", "username")


class AccountAdapter(DefaultAccountAdapter):
    """Lets the service store a log-in that somebody makes for themselves, with its entry in the log."""

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Fill the log-in from the form, then store it and its entry in one act."""
        super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        user.language = get_language() or ""
        if commit:
            record_sign_up(user=user)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message about a log-in. Raises MailNotSent."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent from error


def axes_username(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The e-mail address that somebody tries to log in with, in small letters; None where there is none.

    Without it failures would be counted for each address of the network alone, and five of them on different
    accounts would lock out everybody behind it.
    """
    posted = request.POST if request is not None else {}
    for source in (credentials or {}, posted):
        for name in _CREDENTIAL_NAMES:
            value = source.get(name)
            if value:
                return str(value).strip().lower()
    return None


# A signal, though the domain's flow has none: the log-in itself is the library's act and offers no other place that
# every way in (password, second factor, admin) passes. It is sent after the session is made.
@receiver(user_logged_in, dispatch_uid="members.record_login")
def note_login(sender: object, user: User, **kwargs: Any) -> None:
    """Record the log-ins of staff; who never chose a language is written to in that of the page they logged in on."""
    record_login(user=user)
    read_in = get_language()
    if not user.language and read_in:
        choose_language(language=read_in, by=user)


# The same holds for second factors: the library changes them and sends a signal.
@receiver(authenticator_added, dispatch_uid="members.second_factor_added")
def note_factor_added(sender: object, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record a second factor that was set up."""
    record_second_factor(user=user, factor=authenticator.type, change="added", by=user)


@receiver(authenticator_removed, dispatch_uid="members.second_factor_removed")
def note_factor_removed(sender: object, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record a second factor that was removed."""
    record_second_factor(user=user, factor=authenticator.type, change="removed", by=user)


@receiver(authenticator_reset, dispatch_uid="members.second_factor_renewed")
def note_factor_renewed(sender: object, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record that recovery codes were generated again."""
    record_second_factor(user=user, factor=authenticator.type, change="renewed", by=user)


@receiver(password_set, dispatch_uid="members.password_set")
def note_password_set(sender: object, user: User, **kwargs: Any) -> None:
    """Record a first password."""
    record_password(user=user, how="set")


@receiver(password_changed, dispatch_uid="members.password_changed")
def note_password_changed(sender: object, user: User, **kwargs: Any) -> None:
    """Record a password that was changed by somebody who knew the old one."""
    record_password(user=user, how="changed")


@receiver(password_reset, dispatch_uid="members.password_reset")
def note_password_reset(sender: object, user: User, **kwargs: Any) -> None:
    """Record a password that was forgotten and made again by mail."""
    record_password(user=user, how="reset")


@receiver(email_added, dispatch_uid="members.address_added")
def note_address_added(sender: object, user: User, **kwargs: Any) -> None:
    """Record an address that was added."""
    record_address(user=user, change="added")


@receiver(email_changed, dispatch_uid="members.address_changed")
def note_address_changed(sender: object, user: User, from_email_address: EmailAddress | None, **kwargs: Any) -> None:
    """Record that mails go to another address now."""
    # The library stores the new address by a row of its own: the user at hand may still have the old one.
    user = User.objects.get(pk=user.pk)
    record_address(user=user, change="changed", earlier=from_email_address.email if from_email_address else "")


@receiver(email_removed, dispatch_uid="members.address_removed")
def note_address_removed(sender: object, user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    """Record an address that was removed."""
    record_address(user=user, change="removed", earlier=email_address.email if email_address.verified else "")
