"""Declared relations: what declaring one does, and that only two people withdraw it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from adjudication.errors.conflicts import (
    DecidersOnly,
    NotYourRelation,
    RelationDeclared,
    RelationKindUnknown,
    RelationNotOpen,
    SecondPersonNeeded,
    WithdrawalReasonMissing,
)
from adjudication.models import Claim, DeclaredRelation
from adjudication.selectors.conflicts import conflicts_of
from adjudication.selectors.relations import relations_visible_to
from adjudication.services.relations import ask_withdrawal, declare_relation, settle_withdrawal
from audit.models import Entry
from members.errors.roles import ReviewersOnly
from tests.adjudication.making import make_claim, taken
from tests.cast import Cast


@pytest.fixture
def claim(cast: Cast) -> Claim:
    return make_claim(cast.membership, cast.member)


def test_it_is_stored_and_logged_by_its_kind(cast: Cast, claim: Claim) -> None:
    relation = declare_relation(claim_ref=claim.ref, kind="friend", by=cast.reviewer)
    entry = Entry.objects.get(kind="relation.declared")
    assert (entry.stream, entry.body) == (claim.stream, {"relation": relation.pk, "kind": "friend"})
    assert [reason.value for reason in conflicts_of(cast.reviewer, claim)] == ["declared"]
    with pytest.raises(RelationDeclared):
        declare_relation(claim_ref=claim.ref, kind="work", by=cast.reviewer)


def test_an_investigation_under_way_goes_back_to_the_list(cast: Cast, claim: Claim) -> None:
    mine = taken(claim, cast.investigator)
    declare_relation(claim_ref=claim.ref, kind="work", by=cast.investigator)
    mine.refresh_from_db()
    waiting = claim.investigations.get(status="waiting")
    assert (mine.status, waiting.round, waiting.duties.count()) == ("abandoned", mine.round + 1, 5)
    claim = Claim.objects.get(pk=claim.pk)
    assert (claim.status, claim.due_at) == ("under_investigation", waiting.due_at)
    assert taken(claim, cast.other_investigator).status == "open"


def test_somebody_elses_investigation_stays(cast: Cast, claim: Claim) -> None:
    theirs = taken(claim, cast.other_investigator)
    declare_relation(claim_ref=claim.ref, kind="work", by=cast.investigator)
    theirs.refresh_from_db()
    assert theirs.status == "open"


def test_who_decides_nothing_declares_nothing(cast: Cast, claim: Claim) -> None:
    for user in (cast.member, cast.auditor, cast.professional, cast.outsider):
        with pytest.raises(DecidersOnly):
            declare_relation(claim_ref=claim.ref, kind="friend", by=user)
    with pytest.raises(RelationKindUnknown):
        declare_relation(claim_ref=claim.ref, kind="enemy", by=cast.reviewer)


def test_a_second_person_withdraws_it(cast: Cast, claim: Claim) -> None:
    relation = declare_relation(claim_ref=claim.ref, kind="friend", by=cast.reviewer)
    with pytest.raises(RelationNotOpen):
        settle_withdrawal(relation_id=relation.pk, is_withdrawn=True, by=cast.other_reviewer)
    with pytest.raises(NotYourRelation):
        ask_withdrawal(relation_id=relation.pk, reason="A namesake.", by=cast.other_reviewer)
    for reason in (" ", "x" * 401):
        with pytest.raises(WithdrawalReasonMissing):
            ask_withdrawal(relation_id=relation.pk, reason=reason, by=cast.reviewer)
    ask_withdrawal(relation_id=relation.pk, reason="A namesake.", by=cast.reviewer)
    assert conflicts_of(cast.reviewer, claim)
    with pytest.raises(SecondPersonNeeded):
        settle_withdrawal(relation_id=relation.pk, is_withdrawn=True, by=cast.reviewer)
    for user in (cast.investigator, cast.auditor):
        with pytest.raises(ReviewersOnly):
            settle_withdrawal(relation_id=relation.pk, is_withdrawn=True, by=user)
    settle_withdrawal(relation_id=relation.pk, is_withdrawn=False, by=cast.other_reviewer)
    assert conflicts_of(cast.reviewer, claim)
    ask_withdrawal(relation_id=relation.pk, reason="A namesake.", by=cast.reviewer)
    settle_withdrawal(relation_id=relation.pk, is_withdrawn=True, by=cast.other_reviewer)
    assert not conflicts_of(cast.reviewer, claim)
    assert declare_relation(claim_ref=claim.ref, kind="money", by=cast.reviewer).status == "declared"
    kinds = Entry.objects.filter(kind__startswith="relation.").order_by("pk").values_list("kind", flat=True)
    words = ["declared", "withdrawal_asked", "kept", "withdrawal_asked", "withdrawn", "declared"]
    assert list(kinds) == [f"relation.{word}" for word in words]


def test_the_database_takes_no_withdrawal_by_one_person(cast: Cast, claim: Claim) -> None:
    relation = declare_relation(claim_ref=claim.ref, kind="friend", by=cast.reviewer)
    ask_withdrawal(relation_id=relation.pk, reason="A namesake.", by=cast.reviewer)
    found = DeclaredRelation.objects.filter(pk=relation.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        found.update(status="withdrawn", ended_by=cast.reviewer, ended_at=relation.declared_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        found.update(kind="work")


def test_who_reads_them(cast: Cast, claim: Claim) -> None:
    declare_relation(claim_ref=claim.ref, kind="friend", by=cast.investigator)
    for user, seen in ((cast.investigator, 1), (cast.other_investigator, 0), (cast.reviewer, 1), (cast.auditor, 1)):
        assert relations_visible_to(user).count() == seen
    assert not relations_visible_to(cast.member).exists()
