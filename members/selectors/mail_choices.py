"""What somebody gets by e-mail: what is owed to them always, the rest as they chose."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class MailKind:
    """One kind of message that may come to somebody. `words` are its subject with gaps for what it is about."""

    name: str
    words: str
    is_owed: bool
    is_wanted: bool


def mail_kinds_of(user: User) -> list[MailKind]:
    """Every kind that is for one of the user's roles, in the order of the rooms; one query."""
    wants = dict(MailChoice.objects.filter(user=user).values_list("kind", "is_wanted"))
    audiences = _audiences_of(user)
    return [
        MailKind(name, _words(kind), kind.is_owed, kind.is_owed or wants.get(name, not kind.is_to_all))
        for name, kind in message_kinds().items()
        if kind.audience in audiences
    ]


def _audiences_of(user: User) -> set[Audience]:
    found = {Audience.LOGIN, *(audience for role, audience in _AUDIENCES.items() if role in user.roles)}
    return found | set(_OF_MEMBERS) if is_plain_member(user) else found


def _words(kind: MessageKind) -> str:
    return str(kind.subject) % dict.fromkeys(kind.params, _GAP)
