"""Looking at a claim whole, which is an act of its own: the log says who read who the member is."""

from __future__ import annotations

from django.db import transaction

from adjudication.models import Claim
from audit.services import append
from members.models import User


@transaction.atomic
def view_claim(*, claim: Claim, by: User) -> None:
    """Record that somebody opened a claim with the member's identity."""
    append(kind="claim.viewed", stream=claim.stream, by=by, body={})
