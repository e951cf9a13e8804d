"""A claim that cannot go on because nobody is free to judge it: it waits, is looked at again, and then goes on without.

Nobody acts here, so nothing of it stands in the log: what follows at the end is an act of its own.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from adjudication.models import Claim
from adjudication.models.claims import Lacking
from adjudication.services.locks import locked_claim
from adjudication.services.reminders import tell_lacking
from audit import clock
from audit.errors import DomainError
from jury.errors.draws import NoJurors
from jury.errors.opinions import NoProfessionals

LOOKED_AT_EVERY = dt.timedelta(minutes=15)
"""How soon it is noticed that there is somebody."""
LACKING: dict[type[DomainError], Lacking] = {NoJurors: Lacking.JURORS, NoProfessionals: Lacking.PROFESSIONALS}
_TOLD = {Lacking.JURORS: "adjudication.no_jurors", Lacking.PROFESSIONALS: "adjudication.no_professionals"}


@transaction.atomic
def wait_for_people(*, claim_id: int, lack: DomainError) -> None:
    """Note what a claim lacks, and until when it is left alone; reviewers are told once in each state."""
    claim, lacking = locked_claim(pk=claim_id), LACKING[type(lack)]
    now = clock.now()
    if claim.lacking != lacking:
        claim.lacking, claim.lacking_since = lacking, now
    end = _end(claim)
    claim.due_at = now + LOOKED_AT_EVERY
    if end is not None and now < end < claim.due_at:
        claim.due_at = end
    claim.save(update_fields=["lacking", "lacking_since", "due_at"])
    tell_lacking(claim, _TOLD[lacking])


def has_waited_enough(claim: Claim, lacking: Lacking) -> bool:
    """Whether a claim has lacked somebody for as long as its plan lets it wait: then it goes on without."""
    end = _end(claim) if claim.lacking == lacking else None
    return end is not None and end <= clock.now()


def _end(claim: Claim) -> dt.datetime | None:
    waits = claim.plan_version.rules.waits
    days = waits.no_jurors_days if claim.lacking == Lacking.JURORS else waits.no_doctor_days
    if days is None or claim.lacking_since is None:
        return None
    # No clock runs during a hold.
    return max(claim.lacking_since, claim.released_at or claim.lacking_since) + dt.timedelta(days=days)
