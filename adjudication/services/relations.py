"""Declaring a relation to the member of a claim, and withdrawing one by two people."""

from __future__ import annotations

from django.db import transaction

from adjudication.errors.conflicts import (
    DecidersOnly,
    NotYourRelation,
    RelationDeclared,
    RelationKindUnknown,
    RelationNotOpen,
    RelationUnknown,
    SecondPersonNeeded,
    WithdrawalReasonMissing,
)
from adjudication.models import Claim, DeclaredRelation, Investigation
from adjudication.models.relations import RelationStatus
from adjudication.rules.rounds import CHANGED_HANDS
from adjudication.selectors.conflicts import people_in_conflict
from adjudication.selectors.relations import own_relation
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.investigations import abandon_open_round, open_round
from adjudication.services.locks import locked_claim
from adjudication.services.states import wait_until
from audit import clock
from audit.services import append
from members.access import is_investigator, is_reviewer
from members.errors.roles import ReviewersOnly
from members.models import User
from members.models.users import Role
from members.selectors.users import holders_of
from members.services.messages import tell, tell_each

LONGEST_REASON = 400
_SETTLED = {True: "relation.withdrawn", False: "relation.kept"}
"""The entry of settling, by whether the relation is withdrawn."""


@transaction.atomic
def declare_relation(*, claim_ref: str, kind: str, by: User) -> DeclaredRelation:
    """Declare that one is close to the member of a claim: from now on a conflict for every act on the member's claims.

    `kind` is a value of `DeclaredRelation.Kind`. An investigation of this claim that the user has under way goes back
    to the list, for somebody else. Raises ClaimUnknown, DecidersOnly, RelationKindUnknown, RelationDeclared.
    """
    claim = locked_claim(ref=claim_ref)
    if not (is_reviewer(by) or is_investigator(by)):
        raise DecidersOnly
    if kind not in DeclaredRelation.Kind.values:
        raise RelationKindUnknown
    if own_relation(by, claim) is not None:
        raise RelationDeclared(ref=claim.ref)
    relation = DeclaredRelation.objects.create(
        claim=claim, user=by, kind=DeclaredRelation.Kind(kind), declared_at=clock.now()
    )
    append(kind="relation.declared", stream=claim.stream, by=by, body={"relation": relation.pk, "kind": kind})
    _hand_over(claim, by)
    return relation


@transaction.atomic
def ask_withdrawal(*, relation_id: int, reason: str, by: User) -> DeclaredRelation:
    """Ask a second person to withdraw one's own declared relation; it counts until they agree.

    Raises RelationUnknown, NotYourRelation, RelationNotOpen, WithdrawalReasonMissing.
    """
    claim, relation = _locked(relation_id)
    if relation.user_id != by.pk:
        raise NotYourRelation
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise WithdrawalReasonMissing(most=LONGEST_REASON)
    _require(relation, DeclaredRelation.Status.DECLARED)
    relation.ask_withdrawal()
    relation.why_withdrawn = reason
    relation.save(update_fields=["status", "why_withdrawn"])
    entry = append(kind="relation.withdrawal_asked", stream=claim.stream, by=by, body={"relation": relation.pk})
    others = holders_of(Role.REVIEWER).exclude(pk=by.pk).select_related("person")
    away = people_in_conflict(claim, others)
    free = [one for one in others if one.pk not in away]
    tell_each("adjudication.relation_to_settle", to=free, entry=entry, ref=claim.ref)
    return relation


@transaction.atomic
def settle_withdrawal(*, relation_id: int, is_withdrawn: bool, by: User) -> DeclaredRelation:
    """A second person, a reviewer without a conflict of their own, withdraws a relation or keeps it.

    Raises RelationUnknown, ReviewersOnly, SecondPersonNeeded, ConflictOfInterest, RelationNotOpen.
    """
    claim, relation = _locked(relation_id)
    if not is_reviewer(by):
        raise ReviewersOnly
    if relation.user_id == by.pk:
        raise SecondPersonNeeded
    check_no_conflict(claim, by)
    _require(relation, DeclaredRelation.Status.WITHDRAWAL_ASKED)
    if is_withdrawn:
        relation.withdraw()
        relation.ended_at, relation.ended_by = clock.now_after(relation.declared_at), by
    else:
        relation.keep()
    relation.save(update_fields=["status", "ended_at", "ended_by"])
    entry = append(kind=_SETTLED[is_withdrawn], stream=claim.stream, by=by, body={"relation": relation.pk})
    told = "adjudication.relation_withdrawn" if is_withdrawn else "adjudication.relation_kept"
    tell(told, to=relation.user, entry=entry, ref=claim.ref)
    return relation


def _locked(relation_id: int) -> tuple[Claim, DeclaredRelation]:
    claim_id = DeclaredRelation.objects.filter(pk=relation_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise RelationUnknown
    claim = locked_claim(pk=claim_id)
    return claim, DeclaredRelation.objects.select_for_update().get(pk=relation_id)


def _require(relation: DeclaredRelation, status: RelationStatus) -> None:
    if relation.status != status:
        raise RelationNotOpen(status=DeclaredRelation.Status(relation.status))


def _hand_over(claim: Claim, by: User) -> None:
    """The round that this user has under way starts again with somebody else; reviewers still read what it recorded."""
    if not claim.investigations.filter(status=Investigation.Status.OPEN, investigator=by).exists():
        return
    abandon_open_round(claim=claim, by=by)
    wait_until(claim, open_round(claim=claim, reason=CHANGED_HANDS, by=by).due_at)
