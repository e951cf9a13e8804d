"""Opening a claim in full, which is a logged act: the log records who read the member's identity."""

from __future__ import annotations

from django.db import transaction

from adjudication.models import Claim
from audit.services import append
from members.models import User


@transaction.atomic
def view_claim(*, claim: Claim, by: User) -> None:
    """Record that a user opened a claim with the member's identity."""
    append(kind="claim.viewed", stream=claim.stream, by=by, body={})
