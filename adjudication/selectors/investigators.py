"""Who can investigate a claim, and whose turn it is."""

from __future__ import annotations

from django.db.models import Count, Exists, F, OuterRef, Q

from adjudication.models import Claim, Investigation
from adjudication.rules.rounds import BY_THE_SERVICE, TAKEN_OFF
from adjudication.selectors.conflicts import people_in_conflict
from members.models import User
from members.models.users import Role
from members.selectors.users import holders_of


def reports_returned(claim: Claim, user: User) -> int:
    """How many of a user's reports on a claim a reviewer has sent back."""
    following = Investigation.objects.filter(claim=claim, round=OuterRef("round") + 1)
    sent_back = Exists(following.exclude(reason__in=BY_THE_SERVICE))
    signed = Investigation.objects.filter(claim=claim, status=Investigation.Status.SIGNED, investigator=user)
    return signed.filter(sent_back).count()


def investigators_free_for(claim: Claim) -> list[User]:
    """Those who can take the claim, in the order in which it is given to them: those first from whom it was not taken
    off before, then those with the fewest investigations in progress.
    """
    holders = holders_of(Role.INVESTIGATOR).select_related("person")
    away = people_in_conflict(claim, holders)
    most = claim.plan_version.rules.waits.returns_to_same
    lost = _lost(claim)
    at_work = Investigation.objects.filter(status=Investigation.Status.OPEN).order_by().values("investigator")
    load = dict(at_work.annotate(number=Count("pk")).values_list("investigator", "number"))
    free = [one for one in holders if one.pk not in away and (most is None or reports_returned(claim, one) < most)]
    return sorted(free, key=lambda user: (lost.get(user.pk, 0), load.get(user.pk, 0), user.pk))


def _lost(claim: Claim) -> dict[int, int]:
    """How often the claim was taken off each investigator."""
    followed = Investigation.objects.filter(claim=claim, round=OuterRef("round") + 1, reason=TAKEN_OFF)
    lost = Investigation.objects.filter(Q(Exists(followed)), claim=claim, investigator__isnull=False)
    rows = lost.order_by().values("investigator").annotate(number=Count("pk"))
    return {row["investigator"]: row["number"] for row in rows.annotate(who=F("investigator"))}
