"""A hold stops a claim where it stands, with a reason, and is lifted by a reviewer."""

from __future__ import annotations

import pytest

from adjudication.errors.holds import ClaimNotOnHold, ClaimOnHold, HoldReasonUnfit, NothingToHold
from adjudication.selectors.due import claims_due
from adjudication.services.holds import lift_hold, place_hold
from audit.models import Entry
from members.errors.roles import ReviewersOnly
from tests.adjudication.trials import Trial, make_trial
from tests.bent import bend


@pytest.fixture
def judged(db: None) -> Trial:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    return trial


def test_nothing_moves_while_a_claim_is_on_hold(db: None) -> None:
    trial = make_trial(jurors=3)
    place_hold(claim_ref=trial.claim.ref, reason="The hospital  is asked once more.", by=trial.cast.reviewer)
    assert trial.advance() == "investigated"
    assert trial.claim.hold_reason == "The hospital is asked once more."
    assert claims_due() == []
    lift_hold(claim_ref=trial.claim.ref, by=trial.cast.reviewer)
    assert claims_due() == [trial.claim.pk]
    assert trial.advance() == "jury_review"
    kinds = Entry.objects.filter(stream=trial.claim.stream, kind__in=["claim.held", "claim.released"])
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == ["claim.held", "claim.released"]
    assert not any("hospital" in str(entry.body) for entry in kinds)


def test_no_decision_while_on_hold(judged: Trial) -> None:
    place_hold(claim_ref=judged.claim.ref, reason="Fraud is looked into.", by=judged.cast.reviewer)
    with pytest.raises(ClaimOnHold):
        judged.issue()
    lift_hold(claim_ref=judged.claim.ref, by=judged.cast.other_reviewer)
    assert judged.issue().outcome == "approved"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_hold_needs_a_reason_that_can_be_read(judged: Trial, reason: str) -> None:
    with pytest.raises(HoldReasonUnfit):
        place_hold(claim_ref=judged.claim.ref, reason=reason, by=judged.cast.reviewer)
    assert judged.reload().hold_reason == ""


def test_a_hold_is_placed_once_and_lifted_once(judged: Trial) -> None:
    place_hold(claim_ref=judged.claim.ref, reason="First.", by=judged.cast.reviewer)
    with pytest.raises(ClaimOnHold, match="First"):
        place_hold(claim_ref=judged.claim.ref, reason="Second.", by=judged.cast.other_reviewer)
    lift_hold(claim_ref=judged.claim.ref, by=judged.cast.reviewer)
    with pytest.raises(ClaimNotOnHold):
        lift_hold(claim_ref=judged.claim.ref, by=judged.cast.reviewer)


def test_only_reviewers_place_and_lift_holds(judged: Trial) -> None:
    for user in (judged.cast.member, judged.cast.investigator, judged.cast.auditor):
        with pytest.raises(ReviewersOnly):
            place_hold(claim_ref=judged.claim.ref, reason="Because.", by=user)


def test_an_ended_claim_can_not_be_put_on_hold(judged: Trial) -> None:
    judged.claim.withdraw()
    bend(judged.claim)
    with pytest.raises(NothingToHold):
        place_hold(claim_ref=judged.claim.ref, reason="Too late.", by=judged.cast.reviewer)
