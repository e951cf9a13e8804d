"""Where the log-in library meets the domain: signing up, the name that lock-outs count, and the record of log-ins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.forms import BaseForm
from django.http import HttpRequest

from members.models import User
from members.services.users import record_login, record_second_factor, record_sign_up

_CREDENTIAL_NAMES = ("email", "login", "username")


class AccountAdapter(DefaultAccountAdapter):
    """Lets the service store a log-in that somebody makes for themselves, with its entry in the log."""

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Fill the log-in from the form, then store it and its entry in one act."""
        super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        if commit:
            record_sign_up(user=user)
        return user


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
    """Record the log-ins of staff."""
    record_login(user=user)


# The same holds for second factors: the library changes them and tells of it.
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
    """Record recovery codes that were made anew."""
    record_second_factor(user=user, factor=authenticator.type, change="renewed", by=user)
