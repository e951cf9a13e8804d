"""Reasons to refuse an act to somebody who is close to the member, and what forbids an act on a declared relation."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class ConflictOfInterest(NotAllowed):
    """`kinds` are the kinds of `jury.rules.conflicts.ConflictReason`, without any data."""

    text = _("Somebody else must act on claim %(ref)s: %(why)s.")
    ref: str
    why: Sequence[Words]
    kinds: Sequence[str]


class RelationDeclared(DomainError):
    text = _("You have declared a relation on claim %(ref)s already. It counts until a second person has withdrawn it.")
    ref: str


class RelationKindUnknown(DomainError):
    http_status = 400
    text = _("Choose from the list what you have to do with the member.")


class DecidersOnly(NotAllowed):
    text = _("Only those who investigate or review claims declare relations. Jurors and doctors step down instead.")


class RelationUnknown(DomainError):
    http_status = 404
    text = _("There is no such declared relation on your list. Go back to the list.")


class NotYourRelation(NotAllowed):
    text = _("Only the person who declared a relation may ask for its withdrawal.")


class SecondPersonNeeded(NotAllowed):
    text = _("A relation is withdrawn by a second person. Ask another reviewer.")


class WithdrawalReasonMissing(DomainError):
    text = _("Say in 1 to %(most)s characters why the relation does not hold: a second person decides on it.")
    most: int


class RelationNotOpen(DomainError):
    text = _("This relation is %(status)s, so this can't be done now. Reload the page.")
    status: Words
