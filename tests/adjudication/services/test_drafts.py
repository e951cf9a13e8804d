"""Writing a claim step by step."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from adjudication.errors.claims import (
    ClaimAlreadyOpen,
    DiagnosedBeforeJoining,
    DiagnosisBeforeBirth,
    DiagnosisInFuture,
    HospitalMissing,
    NotYourClaim,
    SeverityUnknown,
    SuspicionImpossible,
)
from adjudication.errors.drafts import DraftAlreadySent, DraftIncomplete, DraftUnknown
from adjudication.models import Claim, ClaimDraft, Evidence
from adjudication.services.drafts import STEPS, discard_draft, missing_steps, save_step, send_draft, start_draft
from adjudication.services.evidence import add_files
from audit.errors import DomainError
from audit.models import Entry
from members.errors.codes import UnknownCode
from members.models import User
from tests.adjudication.making import days_ago, make_claim, pdf
from tests.cast import Cast
from tests.factories import make_membership
from tests.moving import day_played


def answers(cast: Cast) -> dict[str, dict[str, Any]]:
    return {
        "who": {"membership": cast.membership.pk},
        "diagnosis": {"icd10": "c509"},
        "illness": {"severity": "severe", "is_accident": False},
        "days": {"first_diagnosed_on": days_ago(30), "suspected_on": None},
        "hospital": {"hospital": " Ruijin ", "account": ""},
        "papers": {},
    }


def filled(cast: Cast, by: User | None = None) -> ClaimDraft:
    draft = start_draft(by=by or cast.member)
    for step, given in answers(cast).items():
        save_step(draft_id=draft.pk, step=step, answers=given, by=by or cast.member)
    return ClaimDraft.objects.get(pk=draft.pk)


def test_a_user_writes_one_draft_at_a_time(cast: Cast) -> None:
    first = start_draft(by=cast.member)
    assert start_draft(by=cast.member) == first
    assert start_draft(by=cast.outsider) != first
    assert Entry.objects.filter(kind="draft.started", stream=cast.member.audit_ref).count() == 1


def test_each_step_is_kept_as_it_is_saved(cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    assert missing_steps(draft) == list(STEPS)
    draft = save_step(draft_id=draft.pk, step="hospital", answers=answers(cast)["hospital"], by=cast.member)
    draft = save_step(draft_id=draft.pk, step="diagnosis", answers=answers(cast)["diagnosis"], by=cast.member)
    kept = ClaimDraft.objects.get(pk=draft.pk)
    assert kept.answers == {"hospital": {"hospital": "Ruijin", "account": ""}, "diagnosis": {"icd10": "C50.9"}}
    assert missing_steps(kept) == ["who", "illness", "days", "papers"]
    assert kept.saved_at >= kept.created_at
    assert Entry.objects.filter(kind="draft.saved").count() == 2
    assert "Ruijin" not in str(list(Entry.objects.values_list("body", flat=True)))


@pytest.mark.parametrize(
    ("step", "given", "refusal"),
    [
        ("diagnosis", {"icd10": "Z999999"}, UnknownCode),
        ("illness", {"severity": "odd", "is_accident": False}, SeverityUnknown),
        ("hospital", {"hospital": "", "account": ""}, HospitalMissing),
        ("days", {"first_diagnosed_on": day_played(3), "suspected_on": None}, DiagnosisInFuture),
        ("days", {"first_diagnosed_on": dt.date(1950, 1, 1), "suspected_on": None}, DiagnosisBeforeBirth),
        ("days", {"first_diagnosed_on": day_played(-2000), "suspected_on": None}, DiagnosedBeforeJoining),
        ("days", {"first_diagnosed_on": day_played(-9), "suspected_on": day_played(-8)}, SuspicionImpossible),
        ("who", {"membership": 0}, NotYourClaim),
    ],
)
def test_a_step_that_cannot_be_is_not_saved(
    cast: Cast, step: str, given: dict[str, Any], refusal: type[DomainError]
) -> None:
    draft = filled(cast)
    with pytest.raises(refusal):
        save_step(draft_id=draft.pk, step=step, answers=given, by=cast.member)
    assert ClaimDraft.objects.get(pk=draft.pk).answers == draft.answers


def test_days_saved_first_are_checked_when_the_person_is_known(cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    early = {"first_diagnosed_on": days_ago(2000), "suspected_on": None}
    save_step(draft_id=draft.pk, step="days", answers=early, by=cast.member)
    with pytest.raises(DiagnosedBeforeJoining):
        save_step(draft_id=draft.pk, step="who", answers=answers(cast)["who"], by=cast.member)


def test_nobody_writes_for_a_stranger_or_while_a_claim_is_open(cast: Cast) -> None:
    stranger = make_membership(cast.plan)
    draft = start_draft(by=cast.member)
    with pytest.raises(NotYourClaim):
        save_step(draft_id=draft.pk, step="who", answers={"membership": stranger.pk}, by=cast.member)
    make_claim(cast.membership, cast.member)
    with pytest.raises(ClaimAlreadyOpen):
        save_step(draft_id=draft.pk, step="who", answers=answers(cast)["who"], by=cast.member)


def test_sending_files_the_claim_with_its_papers_and_leaves_only_the_link(cast: Cast) -> None:
    draft = filled(cast)
    [paper] = add_files(uploads=[pdf()], kind="diagnosis", title="Report", by=cast.member, draft=draft)
    claim = send_draft(draft_id=draft.pk, by=cast.member)
    claim = Claim.objects.get(pk=claim.pk)
    assert (claim.icd10, claim.severity, claim.hospital) == ("C50.9", "severe", "Ruijin")
    assert claim.first_diagnosed_on == days_ago(30)
    paper = Evidence.objects.get(pk=paper.pk)
    assert (paper.claim, paper.draft) == (claim, None)
    sent = ClaimDraft.objects.get(pk=draft.pk)
    assert (sent.claim, sent.answers) == (claim, {})
    assert Entry.objects.filter(kind="draft.sent", body__claim=claim.ref).count() == 1


def test_a_draft_is_sent_once(cast: Cast) -> None:
    draft = filled(cast)
    claim = send_draft(draft_id=draft.pk, by=cast.member)
    with pytest.raises(DraftAlreadySent) as caught:
        send_draft(draft_id=draft.pk, by=cast.member)
    assert caught.value.ref == claim.ref
    with pytest.raises(DraftAlreadySent):
        discard_draft(draft_id=draft.pk, by=cast.member)
    assert Claim.objects.count() == 1
    assert start_draft(by=cast.member) != draft


def test_a_draft_with_gaps_is_not_sent(cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    save_step(draft_id=draft.pk, step="diagnosis", answers=answers(cast)["diagnosis"], by=cast.member)
    with pytest.raises(DraftIncomplete) as caught:
        send_draft(draft_id=draft.pk, by=cast.member)
    assert "Diagnosis" not in caught.value.steps
    assert "Who is ill" in caught.value.steps
    assert not Claim.objects.exists()


def test_what_has_become_impossible_prevents_sending_and_keeps_the_draft(cast: Cast) -> None:
    draft = filled(cast)
    make_claim(cast.membership, cast.member)
    with pytest.raises(ClaimAlreadyOpen):
        send_draft(draft_id=draft.pk, by=cast.member)
    kept = ClaimDraft.objects.get(pk=draft.pk)
    assert kept.claim is None
    assert kept.answers == draft.answers


def test_another_users_draft_does_not_exist(cast: Cast) -> None:
    draft = filled(cast)
    for act in (
        lambda: save_step(draft_id=draft.pk, step="papers", answers={}, by=cast.outsider),
        lambda: send_draft(draft_id=draft.pk, by=cast.reviewer),
        lambda: discard_draft(draft_id=draft.pk, by=cast.investigator),
    ):
        with pytest.raises(DraftUnknown):
            act()


def test_discarding_takes_the_papers_with_it(
    cast: Cast, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft = start_draft(by=cast.member)
    add_files(uploads=[pdf()], kind="bill", title="", by=cast.member, draft=draft)
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    with django_capture_on_commit_callbacks(execute=True):
        discard_draft(draft_id=draft.pk, by=cast.member)
    assert not ClaimDraft.objects.exists()
    assert not Evidence.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert Entry.objects.filter(kind="draft.discarded").count() == 1
