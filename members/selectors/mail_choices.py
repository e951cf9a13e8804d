"""What somebody gets by e-mail: what is owed to them always, the rest as they chose."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Audience, MessageKind
from audit.rooms import message_kinds
from members.access import is_plain_member
from members.models import MailChoice, User
from members.models.users import Role

_AUDIENCES = {
    Role.INVESTIGATOR: Audience.INVESTIGATOR,
    Role.PROFESSIONAL: Audience.PROFESSIONAL,
    Role.REVIEWER: Audience.REVIEWER,
}
_OF_MEMBERS = (Audience.MEMBER, Audience.APPLICANT, Audience.JUROR)
_GAP = "…"


class Owed(TextChoices):
    """Why a kind of message cannot be switched off, in the order of a page; the first that holds."""

    NOTICE = "notice", _("Your silence would have a consequence, so we must be able to show that it reached you")
    DEADLINE = "deadline", _("You have time for something only until a certain moment")
    LOGIN = "login", _("Somebody who uses your log-in without you must not be able to hide it")
    DUTY = "duty", _("Others wait for what you do in your role")
    RIGHT = "right", _("It is about your membership, your claim or your money")


@dataclass(frozen=True)
class MailKind:
    """One kind of message that may come to somebody. `words` are its subject with gaps for what it is about."""

    name: str
    words: str
    is_owed: bool
    is_wanted: bool
    owed_for: Owed | None = None
    """Why it cannot be switched off; None for what can be."""
    is_to_all: bool = False
    """Whether it comes only to those who chose so: every other kind that is not owed comes until it is switched off."""


def mail_kinds_of(user: User) -> list[MailKind]:
    """Every kind that is for one of the user's roles, in the order of the rooms; one query.

    The digest of what waits is made for staff alone.
    """
    wants = dict(MailChoice.objects.filter(user=user).values_list("kind", "is_wanted"))
    audiences = _audiences_of(user)
    return [
        MailKind(
            name,
            _words(kind),
            kind.is_owed,
            kind.is_owed or wants.get(name, not kind.is_to_all),
            _owed_for(kind) if kind.is_owed else None,
            kind.is_to_all,
        )
        for name, kind in message_kinds().items()
        if kind.audience in audiences and not (kind.lists_waiting and is_plain_member(user))
    ]


def is_optional(name: str) -> bool:
    """Whether a kind can be switched off; one that no release knows any more is sent to nobody."""
    kind = message_kinds().get(name)
    return kind is not None and not kind.is_owed


def _owed_for(kind: MessageKind) -> Owed:
    if kind.is_notice:
        return Owed.NOTICE
    if kind.due:
        return Owed.DEADLINE
    if kind.audience is Audience.LOGIN:
        return Owed.LOGIN
    return Owed.RIGHT if kind.audience in _OF_MEMBERS else Owed.DUTY


def _audiences_of(user: User) -> set[Audience]:
    found = {Audience.LOGIN, *(audience for role, audience in _AUDIENCES.items() if role in user.roles)}
    return found | set(_OF_MEMBERS) if is_plain_member(user) else found


def _words(kind: MessageKind) -> str:
    return str(kind.subject) % dict.fromkeys(kind.params, _GAP)
