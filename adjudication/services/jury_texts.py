"""What jurors will read is refused while it still says who the claimant is."""

from __future__ import annotations

from adjudication.models import Claim
from adjudication.rules.personal_data import personal_data_in
from adjudication.services.refusals import NamesInSummary


def check_for_jury(text: str, claim: Claim) -> None:
    """No name, phone or identity number of the claimant, of whoever pays for them or filed. Raises NamesInSummary."""
    person = claim.membership.person
    filer = getattr(claim.filed_by, "person", None) if claim.filed_by else None
    people = [one for one in (person, person.payer, filer) if one is not None]
    found = personal_data_in(
        text,
        names=[one.name for one in people],
        phones=[one.phone for one in people],
        id_numbers=[one.id_number for one in people],
    )
    if found:
        raise NamesInSummary(found)
