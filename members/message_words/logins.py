"""What people are told about their own log-in: whatever changes who can use it, and what it can do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

_WHY = _("You get this because it concerns your log-in.")
_NOT_YOU = _("If it was not you, change your password now and tell the plan.")
_ADDRESSES = (_("Check your e-mail addresses"), Address("account_email"))
_PASSWORD = (_("Change your password"), Address("account_change_password"))
_FACTORS = (_("Check your second factors"), Address("mfa_index"))
_HOME = (_("Open your home page"), Address("home"))


def _of_login(
    subject: Promise, *body: Promise, leads_to: tuple[Promise, Address] = _HOME, **params: Param
) -> MessageKind:
    act, address = leads_to
    return MessageKind(
        audience=Audience.LOGIN, subject=subject, body=body, why=_WHY, act=act, address=address, params=params
    )


KINDS: dict[str, MessageKind] = {
    "members.login_created": _of_login(
        _("A log-in was created for you"),
        _("The administrator created a log-in for you with this e-mail address."),
        _("If you have no password yet, choose “Forgot your password?” on the log-in page to set one."),
    ),
    "members.password_changed": _of_login(
        _("Your password was changed"), _("The password of your log-in was changed."), _NOT_YOU, leads_to=_PASSWORD
    ),
    "members.second_factor_changed": _of_login(
        _("Your second factor was changed"),
        _("A second factor of your log-in was added or removed, or its recovery codes were made again."),
        _NOT_YOU,
        leads_to=_FACTORS,
    ),
    "members.address_added": _of_login(
        _("An e-mail address was added"),
        _("An e-mail address was added to your log-in. It is used only once it has been confirmed."),
        _NOT_YOU,
        leads_to=_ADDRESSES,
    ),
    "members.address_changed": _of_login(
        _("Your e-mail address was changed"),
        _("The e-mail address of your log-in was changed. Our messages now go to the new address."),
        _NOT_YOU,
        leads_to=_ADDRESSES,
    ),
    "members.address_removed": _of_login(
        _("An e-mail address was removed"),
        _("An e-mail address was removed from your log-in."),
        _NOT_YOU,
        leads_to=_ADDRESSES,
    ),
    "members.address_was_yours": _of_login(
        _("An e-mail address no longer belongs to your log-in"),
        _("We tell the earlier e-mail address of your log-in, too, that it is not used any more."),
        _("If you did not change it, somebody else may be using your log-in. Tell the plan at once."),
        leads_to=_ADDRESSES,
    ),
    "members.made_administrator": _of_login(
        _("You are a technical administrator"),
        _("Your log-in was made that of a technical administrator, who can give every role."),
        _("If you do not expect this, tell the operator of the service."),
    ),
    "members.another_administrator": _of_login(
        _("There is another technical administrator"),
        _("Another log-in was made that of a technical administrator, who can give every role."),
        _("If you do not expect this, tell the operator of the service."),
    ),
    "members.role_given": _of_login(
        _("You have a new role"),
        _("Your log-in was given a role. Your home page shows what you can do now."),
        _("If you do not expect this, tell the administrator."),
    ),
    "members.role_revoked": _of_login(
        _("A role was revoked"),
        _("A role of your log-in was revoked. What it allowed is closed to you from now on."),
        _("If you do not expect this, tell the administrator."),
    ),
    "members.role_changed_by_you": _of_login(
        _("You changed a role"),
        _("A role of another log-in was given or revoked with your log-in."),
        _NOT_YOU,
    ),
}
