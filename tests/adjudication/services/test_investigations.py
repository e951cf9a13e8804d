"""Taking an investigation, its duties, its report."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from adjudication.errors.claims import SuspicionImpossible, TextTooLong
from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.errors.evidence import FileTypeUnknown
from adjudication.errors.investigations import (
    DutiesMissing,
    DutyDayImpossible,
    DutyIncomplete,
    InvestigationNotOpen,
    InvestigationTaken,
    InvestigationUnknown,
    NamesInSummary,
    NotYourInvestigation,
    ReportIncomplete,
    ReportNotReturnable,
    ReturnReasonMissing,
)
from adjudication.models import Claim, DutyRecord, Investigation
from adjudication.selectors.facts import counting_facts
from adjudication.services.claims import withdraw_claim
from adjudication.services.evidence import add_files
from adjudication.services.investigations import record_duty, return_report, sign_report, take_investigation
from audit import clock, nudges
from audit.errors import DomainError
from audit.models import Entry
from members.errors.plans import ReasonNotInPlan
from members.models import Person, User
from tests.adjudication.making import (
    days_ago,
    investigated_claim,
    kinds,
    make_claim,
    pdf,
    record_all,
    signed,
    taken,
)
from tests.bent import bend
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user, take_roles_back
from tests.moving import day_played


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """What is put on the queue."""
    found: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(
        nudges.current_app, "send_task", lambda name, args, **options: found.append((name, args)), raising=False
    )
    return found


def duty_facts(**changed: Any) -> dict[str, Any]:
    facts = {
        "result": "confirms",
        "findings": "Met Wang Xiaoming at home.",
        "jury_summary": "The member was met at home.",
        "done_on": timezone.localdate(clock.now()),
    }
    return facts | changed


def test_taking_moves_the_claim(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    investigation = Investigation.objects.get(pk=investigation.pk)
    assert (investigation.status, investigation.investigator) == ("open", cast.investigator)
    assert investigation.taken_at is not None
    assert Claim.objects.get(pk=claim.pk).status == "under_investigation"
    assert kinds(claim)[-1] == "investigation.taken"


def test_the_second_investigator_is_refused(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    with pytest.raises(InvestigationTaken, match=f"{claim.ref} was taken"):
        take_investigation(investigation_id=investigation.pk, by=cast.other_investigator)
    assert take_investigation(investigation_id=investigation.pk, by=cast.investigator) == investigation
    assert kinds(claim).count("investigation.taken") == 1


def test_only_investigators_take(cast: Cast) -> None:
    waiting = make_claim(cast.membership, cast.member).investigations.get()
    for stranger in (cast.member, cast.reviewer, cast.auditor, cast.outsider):
        with pytest.raises(NotYourInvestigation):
            take_investigation(investigation_id=waiting.pk, by=stranger)
    with pytest.raises(InvestigationUnknown):
        take_investigation(investigation_id=0, by=cast.investigator)


def test_nobody_investigates_their_own_household(cast: Cast) -> None:
    payer = make_person("Zhao Li", user=cast.investigator)
    child = make_person("Zhao Le", payer=payer)
    sibling = make_person("Zhao Lu", user=cast.other_investigator, payer=payer)
    for person in (payer, child, sibling):
        claim = make_claim(make_membership(cast.plan, person), cast.reviewer)
        for by in (cast.investigator, cast.other_investigator):
            with pytest.raises(ConflictOfInterest):
                take_investigation(investigation_id=claim.investigations.get().pk, by=by)


def test_a_withdrawn_claim_is_not_taken(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    with pytest.raises(InvestigationNotOpen):
        take_investigation(investigation_id=claim.investigations.get().pk, by=cast.investigator)


@pytest.mark.django_db(transaction=True)
def test_two_takes_at_once_have_one_winner(cast: Cast) -> None:
    investigation = make_claim(cast.membership, cast.member).investigations.get()
    results: list[object] = []
    barrier = threading.Barrier(2)

    def take(by: User) -> None:
        barrier.wait()
        try:
            results.append(take_investigation(investigation_id=investigation.pk, by=by).investigator_id)
        except DomainError as error:
            results.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(by,)) for by in (cast.investigator, cast.other_investigator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = Investigation.objects.get(pk=investigation.pk).investigator_id
    assert sorted(map(str, results)) == sorted(map(str, [winner, InvestigationTaken]))


def test_a_duty_is_recorded_with_its_files_and_may_be_recorded_again(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    duty = taken(claim, cast.investigator).duties.get(kind="interview")
    record_duty(duty_id=duty.pk, **duty_facts(), uploads=[pdf()], by=cast.investigator)
    record_duty(duty_id=duty.pk, **duty_facts(result="contradicts"), by=cast.investigator)
    duty = DutyRecord.objects.get(pk=duty.pk)
    assert (duty.result, duty.done_on) == ("contradicts", timezone.localdate(clock.now()))
    assert duty.recorded_at is not None
    assert duty.evidence.get().kind == "finding"
    assert kinds(claim)[-3:] == ["duty.recorded", "evidence.added", "duty.recorded"]
    assert "Xiaoming" not in str(list(Entry.objects.values_list("body", flat=True)))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"done_on": day_played(1)}, DutyDayImpossible),
        ({"done_on": day_played(-2)}, DutyDayImpossible),
        ({"findings": " "}, DutyIncomplete),
        ({"jury_summary": ""}, DutyIncomplete),
        ({"result": "perhaps"}, DutyIncomplete),
        ({"jury_summary": "Wang Xiaoming was met."}, NamesInSummary),
        ({"jury_summary": "Call 138 0000 1111."}, NamesInSummary),
        ({"jury_summary": "31010119850517123x"}, NamesInSummary),
        ({"findings": "x" * 20_001}, TextTooLong),
        ({"jury_summary": "x" * 4_001}, TextTooLong),
    ],
)
def test_a_duty_that_cannot_be_is_refused(cast: Cast, changed: dict[str, Any], refusal: type[DomainError]) -> None:
    person = Person.objects.get(pk=cast.membership.person.pk)
    person.phone, person.id_number = "13800001111", "31010119850517123X"
    bend(person)
    duty = taken(make_claim(cast.membership, cast.member), cast.investigator).duties.get(kind="interview")
    with pytest.raises(refusal):
        record_duty(duty_id=duty.pk, **duty_facts(**changed), by=cast.investigator)
    assert DutyRecord.objects.get(pk=duty.pk).recorded_at is None


def test_a_bad_file_keeps_the_whole_duty_from_being_recorded(cast: Cast) -> None:
    duty = taken(make_claim(cast.membership, cast.member), cast.investigator).duties.get(kind="interview")
    with pytest.raises(FileTypeUnknown):
        record_duty(duty_id=duty.pk, **duty_facts(), uploads=[pdf("a.exe")], by=cast.investigator)
    duty = DutyRecord.objects.get(pk=duty.pk)
    assert (duty.recorded_at, duty.evidence.count()) == (None, 0)


def test_only_who_took_it_records_and_signs(cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    record_all(investigation, cast.investigator)
    for stranger in (cast.other_investigator, cast.reviewer, cast.member):
        with pytest.raises(NotYourInvestigation):
            record_duty(duty_id=investigation.duties.all()[0].pk, **duty_facts(), by=stranger)
        with pytest.raises(NotYourInvestigation):
            signed(investigation, stranger)
    assert Investigation.objects.get(pk=investigation.pk).status == "open"


def test_signing_freezes_the_evidence_and_nudges_the_workers(
    cast: Cast,
    sent: list[tuple[str, list[int]]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="diagnosis", title="Report", by=cast.member, claim=claim)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    with django_capture_on_commit_callbacks(execute=True):
        signed(investigation, cast.investigator)
    investigation = Investigation.objects.get(pk=investigation.pk)
    claim = Claim.objects.get(pk=claim.pk)
    assert (investigation.status, claim.status) == ("signed", "investigated")
    assert (investigation.recommendation, investigation.reason_codes) == ("support", ["evidence_convincing"])
    digest = hashlib.sha256(bytes.fromhex(paper.salt) + bytes.fromhex(paper.sha256)).hexdigest()
    assert investigation.manifest == [
        {
            "evidence": paper.pk,
            "kind": "diagnosis",
            "content_type": "application/pdf",
            "size_bytes": paper.size_bytes,
            "is_for_jury": False,
            "digest": digest,
        }
    ]
    canonical = json.dumps(investigation.manifest, sort_keys=True, separators=(",", ":")).encode()
    assert investigation.manifest_digest == hashlib.sha256(canonical).hexdigest()
    assert sent == [("adjudication.advance_claim", [claim.pk])]
    assert kinds(claim)[-2:] == ["report.signed", "eligibility.checked"]
    assert Entry.objects.get(kind="report.signed").body["manifest_digest"] == investigation.manifest_digest


@pytest.mark.parametrize("fault", [ConnectionRefusedError, OperationalError])
def test_a_broker_that_is_down_does_not_undo_the_signing(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    fault: type[Exception],
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise fault

    monkeypatch.setattr(nudges.current_app, "send_task", refuse, raising=False)
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    record_all(investigation, cast.investigator)
    with django_capture_on_commit_callbacks(execute=True):
        signed(investigation, cast.investigator)
    assert Investigation.objects.get(pk=investigation.pk).status == "signed"


def test_the_clauses_are_asked_again_with_what_the_report_found(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator, recommendation="against", reason_codes=["health_statement"])
    before, after = claim.eligibility_checks.order_by("pk")
    results = [
        {finding["clause"]: finding["result"] for finding in check.trace["findings"]}["health_statement"]
        for check in (before, after)
    ]
    assert results[0] != "not_met"
    assert results[1] == "not_met"
    assert after.occasion == "report_signed"


def test_the_day_of_suspicion_that_the_report_gives_is_a_finding(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    with pytest.raises(SuspicionImpossible):
        signed(investigation, cast.investigator, suspected_on=days_ago(1))
    signed(investigation, cast.investigator, suspected_on=days_ago(60))
    assert counting_facts(claim).suspected_on == days_ago(60)
    assert Claim.objects.get(pk=claim.pk).suspected_on is None


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"recommendation": "maybe"}, ReportIncomplete),
        ({"reason_codes": []}, ReportIncomplete),
        ({"report": " "}, ReportIncomplete),
        ({"jury_summary": ""}, ReportIncomplete),
        ({"reason_codes": ["not_proved"]}, ReasonNotInPlan),
        ({"reason_codes": ["no_such_code"]}, ReasonNotInPlan),
        ({"jury_summary": "Xiaoming Wang is right."}, NamesInSummary),
    ],
)
def test_a_report_that_cannot_be_is_refused(cast: Cast, changed: dict[str, Any], refusal: type[DomainError]) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    with pytest.raises(refusal):
        signed(investigation, cast.investigator, **changed)
    assert Investigation.objects.get(pk=investigation.pk).status == "open"
    assert Claim.objects.get(pk=claim.pk).status == "under_investigation"


def test_a_report_needs_all_five_duties(cast: Cast) -> None:
    investigation = taken(make_claim(cast.membership, cast.member), cast.investigator)
    record_duty(duty_id=investigation.duties.get(kind="interview").pk, **duty_facts(), by=cast.investigator)
    with pytest.raises(DutiesMissing) as caught:
        signed(investigation, cast.investigator)
    assert "Interview" not in str(caught.value)
    assert "social insurance" in str(caught.value)


def test_a_signed_report_never_changes(cast: Cast) -> None:
    claim = investigated_claim(cast)
    investigation = claim.investigations.get()
    with pytest.raises(InvestigationNotOpen):
        signed(investigation, cast.investigator)
    with pytest.raises(InvestigationNotOpen):
        record_duty(duty_id=investigation.duties.all()[0].pk, **duty_facts(), by=cast.investigator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Investigation.objects.filter(pk=investigation.pk).update(jury_summary="Another")
    with pytest.raises(IntegrityError), transaction.atomic():
        investigation.duties.update(findings="Another")


def test_a_returned_report_opens_the_next_round(cast: Cast) -> None:
    claim = investigated_claim(cast)
    second = return_report(claim_ref=claim.ref, reason="Ask the second hospital.", by=cast.reviewer)
    claim = Claim.objects.get(pk=claim.pk)
    assert (claim.status, claim.due_at) == ("under_investigation", second.due_at)
    assert (second.round, second.status, second.reason) == (2, "waiting", "Ask the second hospital.")
    assert kinds(claim)[-2:] == ["investigation.opened", "report.returned"]
    taken(claim, cast.other_investigator)
    record_all(second, cast.other_investigator)
    signed(second, cast.other_investigator)
    assert Claim.objects.get(pk=claim.pk).status == "investigated"
    assert claim.investigations.filter(status="signed").count() == 2


def test_who_may_return_a_report_and_when(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(ReportNotReturnable):
        return_report(claim_ref=claim.ref, reason="Why", by=cast.reviewer)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator)
    for by in (cast.investigator, cast.member, cast.auditor):
        with pytest.raises(NotYourInvestigation):
            return_report(claim_ref=claim.ref, reason="Why", by=by)
    with pytest.raises(ReturnReasonMissing):
        return_report(claim_ref=claim.ref, reason="  ", by=cast.reviewer)
    with pytest.raises(TextTooLong):
        return_report(claim_ref=claim.ref, reason="x" * 401, by=cast.reviewer)
    assert claim.investigations.count() == 1


def test_an_investigator_outside_the_plan_has_no_way_in(cast: Cast) -> None:
    revoked = make_user(None, "investigator")
    take_roles_back(revoked, clock.now())
    waiting = make_claim(cast.membership, cast.member).investigations.get()
    with pytest.raises(NotYourInvestigation):
        take_investigation(investigation_id=waiting.pk, by=User.objects.get(pk=revoked.pk))
    with pytest.raises(NotYourInvestigation):
        sign_report(
            investigation_id=waiting.pk,
            recommendation="support",
            reason_codes=["evidence_convincing"],
            report="x",
            jury_summary="y",
            by=revoked,
        )
