"""Texts for jurors are refused while they still identify the claimant."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adjudication.errors.investigations import NamesInSummary
from adjudication.models import Claim
from adjudication.rules.personal_data import ID_NUMBER, NAME, PHONE, personal_data_in

_WORDS = {NAME: _("the name"), PHONE: _("the phone number"), ID_NUMBER: _("the identity number")}


def check_for_jury(text: str, claim: Claim) -> None:
    """Raises NamesInSummary for a text that `personal_data_for_jury` finds something in."""
    found = personal_data_for_jury(text, claim)
    if found:
        raise NamesInSummary(what=found)


def personal_data_for_jury(text: str, claim: Claim) -> list[str | Promise]:
    """What a text reveals of the claimant, their payer and the person who filed: name, phone, identity number."""
    person = claim.membership.person
    filer = getattr(claim.filed_by, "person", None) if claim.filed_by else None
    people = [one for one in (person, person.payer, filer) if one is not None]
    found = personal_data_in(
        text,
        names=[one.name for one in people],
        phones=[one.phone for one in people],
        id_numbers=[one.id_number for one in people],
    )
    return [_WORDS[one] for one in found]
