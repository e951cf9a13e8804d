"""Papers given to voting jurors with an addendum: who reads them, what binds them, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from adjudication.errors.addenda import (
    LatePaperNeedsDuty,
    NamesInPaper,
    NamesNotRemoved,
    PaperAlreadyShown,
    PaperShowsIdentity,
)
from adjudication.errors.evidence import EvidenceNotYours, FileDisguised, FileTellsMaker, TooManyFiles
from adjudication.errors.findings import PaperNotOfClaim
from adjudication.errors.investigations import InvestigationNotOpen
from adjudication.files import Upload
from adjudication.models import AddendumPaper, Evidence
from adjudication.services import evidence as services
from adjudication.services.addenda import Papers, release_addendum
from adjudication.services.evidence import add_files, remove_evidence, salted_digest
from adjudication.services.findings import dismiss_late_findings
from audit.errors import DomainError
from audit.models import Entry
from audit.rules.canonical import ascii_digest
from jury.models import Addendum, Juror
from members.models import User
from tests.adjudication.making import JPEG, PDF, kinds, make_claim, pdf
from tests.adjudication.making import found as find
from tests.adjudication.trials import Trial, juror_of, make_trial
from tests.bent import bend
from tests.factories import make_membership, make_person, make_user
from tests.moving import move_clock

pytestmark = pytest.mark.django_db
TEXT = "The pathology of another hospital came in: it names an early stage."
SCAN = Upload(JPEG, "scan.jpg")
EXIF = b"\xff\xe1\x00\x0cExif\x00\x00GPS!"
"""Where a picture was taken, as a phone writes it."""


def at_vote(*papers: str, jurors: int = 3) -> Trial:
    """Three jurors vote, and something was found since; the applicant has brought papers of these kinds."""
    trial = make_trial(jurors=jurors, papers=papers)
    trial.draw()
    find(trial.claim.investigations.get(), "severity", "mild", jury_note="Stage I by pathology.")
    return trial


def released(trial: Trial, *, by: User | None = None, **given: Any) -> Addendum:
    given = {"are_masked": True} | given
    return release_addendum(
        claim_ref=trial.claim.ref, text=TEXT, papers=Papers(**given), by=by or trial.cast.investigator
    )


def brought(trial: Trial) -> Evidence:
    """What the applicant brought before the report."""
    return trial.claim.evidence.filter(duty=None).get()


def late(trial: Trial) -> Evidence:
    """What the investigator brought after it."""
    return trial.claim.evidence.exclude(duty=None).get()


def opens(client: Client, user: User, paper: Evidence) -> int:
    client.force_login(user)
    page = client.get(reverse("evidence_file", args=[paper.pk])).status_code
    assert client.get(reverse("api-evidence-file", args=[paper.pk])).status_code == page
    return page


# -------- what is given -----------------------------------------------------------------------------------------------
def test_a_new_file_is_filed_under_its_duty_and_bound_by_the_digest_of_the_addendum(settings: Settings) -> None:
    trial = at_vote()
    addendum = released(trial, uploads=[SCAN], duty="other_hospitals")
    paper = late(trial)
    assert (paper.kind, paper.duty.kind if paper.duty else "", paper.is_for_jury) == (
        "finding",
        "other_hospitals",
        True,
    )
    assert addendum.content["papers"] == [
        {
            "id": paper.pk,
            "kind": "finding",
            "content_type": "image/jpeg",
            "size_bytes": len(JPEG),
            "digest": salted_digest(paper),
        }
    ]
    assert addendum.digest == ascii_digest(addendum.content)
    assert Entry.objects.get(kind="panel.addendum").body["digest"] == addendum.digest
    assert Entry.objects.get(kind="finding.released").body["papers"] == [paper.pk]
    assert AddendumPaper.objects.get().evidence == paper
    assert {"evidence.added", "finding.released"} <= set(kinds(trial.claim))
    assert JPEG not in b"".join(path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_paper_of_the_claim_can_be_given_and_the_frozen_file_stays() -> None:
    trial = at_vote("discharge")
    before = trial.panel
    addendum = released(trial, filed=[brought(trial).pk], by=trial.cast.reviewer)
    assert [one["kind"] for one in addendum.content["papers"]] == ["discharge"]
    after = trial.panel
    assert (after.case_file, after.file_digest) == (before.case_file, before.file_digest)


def test_without_papers_nothing_needs_to_be_confirmed() -> None:
    trial = at_vote()
    assert released(trial, are_masked=False).content["papers"] == []


# -------- who reads it ------------------------------------------------------------------------------------------------
def test_seated_jurors_open_it_from_then_on_and_every_opening_is_logged(client: Client) -> None:
    trial = at_vote("diagnosis")
    seat, paper = trial.seats[0], brought(trial)
    juror = juror_of(seat)
    assert opens(client, juror, paper) == 404
    released(trial, filed=[paper.pk])
    assert opens(client, juror, paper) == 200
    viewed = Entry.objects.filter(kind="evidence.viewed", stream=trial.claim.stream, actor=juror.audit_ref)
    assert [entry.body for entry in viewed] == [{"evidence": paper.pk}] * 2
    for address in (reverse("seat_detail", args=[seat.pk]), reverse("ballot_cast", args=[seat.pk])):
        page = client.get(address).content.decode()
        assert reverse("evidence_file", args=[paper.pk]) in page
        assert "Added paper 1: diagnosis or pathology report" in page
    shown = client.get(reverse("api-seat-detail", args=[seat.pk])).json()["addendum"]["papers"]
    assert [one["id"] for one in shown] == [paper.pk]


def test_it_does_not_say_where_or_by_whom_it_was_made(client: Client) -> None:
    trial = at_vote()
    released(trial, uploads=[Upload(JPEG[:2] + EXIF + JPEG[2:], "scan.jpg")], duty="interview")
    address = reverse("evidence_file", args=[late(trial).pk])
    client.force_login(juror_of(trial.seats[0]))
    assert client.get(address).content == JPEG
    client.force_login(trial.cast.investigator)
    assert EXIF in client.get(address).content


def test_those_who_step_down_and_those_of_other_cases_do_not_open_it(client: Client) -> None:
    trial = at_vote(jurors=4)
    released(trial, uploads=[SCAN], duty="interview")
    seat, paper = trial.seats[0], late(trial)
    seated = [juror_of(one).pk for one in trial.seats]
    others = Juror.objects.exclude(person__user__in=seated)
    assert [opens(client, other.person.user, paper) for other in others if other.person.user] == [404]
    client.force_login(juror_of(seat))
    client.post(reverse("seat_recuse", args=[seat.pk]), {"reason": "no_time"})
    assert opens(client, juror_of(seat), paper) == 404
    trial.vote("sss")
    assert opens(client, juror_of(trial.seats[-1]), paper) == 404


def test_members_do_not_open_what_the_investigator_brought(client: Client) -> None:
    trial = at_vote("diagnosis")
    released(trial, filed=[brought(trial).pk], uploads=[SCAN], duty="interview")
    assert opens(client, trial.cast.member, brought(trial)) == 200
    assert opens(client, trial.cast.member, late(trial)) == 404
    for user in (trial.cast.reviewer, trial.cast.auditor, trial.cast.investigator):
        assert opens(client, user, late(trial)) == 200
    for user in (trial.cast.other_investigator, trial.cast.professional, trial.cast.outsider):
        assert opens(client, user, late(trial)) == 404
    client.force_login(trial.cast.member)
    assert "With it they have 2 papers" in client.get(reverse("claim_facts", args=[trial.claim.ref])).content.decode()


def test_doctors_who_are_asked_open_it_as_well(client: Client) -> None:
    trial = at_vote("discharge")
    released(trial, filed=[brought(trial).pk], uploads=[SCAN], duty="interview")
    assert trial.vote("sss", is_medical_question=True) == "second_opinion"
    opinion = trial.request.opinions.first()
    assert opinion is not None
    for paper in (brought(trial), late(trial)):
        assert opens(client, opinion.professional, paper) == 200
        assert (
            client.get(reverse("opinion_detail", args=[opinion.pk]))
            .content.decode()
            .count(reverse("evidence_file", args=[paper.pk]))
            == 1
        ), "not a second time under the medical papers"
    addendum = client.get(reverse("api-opinion-detail", args=[opinion.pk])).json()["addendum"]
    assert [one["id"] for one in addendum["papers"]] == [brought(trial).pk, late(trial).pk]
    trial.opine("yes")
    assert opens(client, opinion.professional, late(trial)) == 404


def test_the_next_jury_has_it_with_the_addendum_and_not_among_the_papers_of_the_file(client: Client) -> None:
    trial = at_vote("discharge", jurors=11)
    content = released(trial, filed=[brought(trial).pk], uploads=[SCAN], duty="interview").content
    trial.vote("ssa")
    dismiss_late_findings(claim_ref=trial.claim.ref, reason="The first report stands.", by=trial.cast.reviewer)
    assert trial.opine("no") == "jury_review"
    file = trial.panel.case_file
    assert (file["evidence"], file["addenda"][0]["papers"]) == ([], content["papers"])
    move_clock(hours=2)
    trial.advance()
    seat = trial.seats[0]
    for paper in (brought(trial), late(trial)):
        assert opens(client, juror_of(seat), paper) == 200
        page = client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
        assert page.count(reverse("evidence_file", args=[paper.pk])) == 1


# -------- what is refused ---------------------------------------------------------------------------------------------
NAMED = Upload(b"Zhao Claimant was seen.", "note.txt")
LOCKED = Upload(PDF[:-6] + b"trailer<</Encrypt 9 0 R>>\n%%EOF\n", "a.pdf")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"uploads": [SCAN], "duty": "interview", "are_masked": False}, NamesNotRemoved),
        ({"uploads": [SCAN]}, LatePaperNeedsDuty),
        ({"uploads": [SCAN], "duty": "shopping"}, LatePaperNeedsDuty),
        ({"uploads": [SCAN, NAMED], "duty": "interview"}, NamesInPaper),
        ({"uploads": [SCAN, Upload(PDF, "Zhao Claimant.pdf")], "duty": "interview"}, NamesInPaper),
        ({"uploads": [SCAN, LOCKED], "duty": "interview"}, FileTellsMaker),
        ({"uploads": [SCAN, Upload(JPEG, "a.pdf")], "duty": "interview"}, FileDisguised),
        ({"filed": [10**9]}, PaperNotOfClaim),
    ],
)
def test_what_names_somebody_or_is_incomplete_is_not_given(
    given: dict[str, Any], refusal: type[DomainError], settings: Settings
) -> None:
    trial = at_vote()
    with pytest.raises(refusal):
        released(trial, **given)
    assert not Addendum.objects.exists()
    assert not Evidence.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()], "no file is left behind"


@pytest.mark.parametrize(
    ("bent", "refusal"),
    [
        ({"title": "Report on Zhao Claimant"}, NamesInPaper),
        ({"kind": "identity"}, PaperShowsIdentity),
        ({"is_for_jury": True}, PaperAlreadyShown),
    ],
)
def test_a_paper_of_the_claim_is_asked_the_same_as_a_new_one(
    bent: dict[str, Any], refusal: type[DomainError], client: Client
) -> None:
    trial = at_vote("diagnosis")
    bend(brought(trial), **bent)
    with pytest.raises(refusal):
        released(trial, filed=[brought(trial).pk])
    client.force_login(trial.cast.reviewer)
    page = client.get(reverse("board_addendum", args=[trial.claim.ref])).content.decode()
    assert ('name="filed"' in page) is (refusal is NamesInPaper), "the others are not offered"


def test_a_paper_of_another_claim_is_not_given() -> None:
    trial = at_vote()
    person = make_person("Qian Other", user=make_user("other@test.example"))
    other = make_claim(make_membership(trial.version.plan, person), person.user)
    [paper] = add_files(uploads=[pdf()], kind="bill", title="", by=person.user, claim=other)
    with pytest.raises(PaperNotOfClaim):
        released(trial, filed=[paper.pk])


def test_a_paper_is_given_once() -> None:
    trial = at_vote("diagnosis", jurors=11)
    paper = brought(trial)
    addendum = released(trial, filed=[paper.pk, paper.pk])
    assert len(addendum.content["papers"]) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        AddendumPaper.objects.create(addendum=addendum, evidence=paper)
    trial.vote("ssa")
    dismiss_late_findings(claim_ref=trial.claim.ref, reason="The first report stands.", by=trial.cast.reviewer)
    trial.opine("no")
    move_clock(hours=2)
    trial.advance()
    find(trial.claim.investigations.get(), "cause", "accident")
    with pytest.raises(PaperAlreadyShown):
        released(trial, filed=[paper.pk])


def test_only_the_investigator_files_new_ones() -> None:
    trial = at_vote()
    with pytest.raises(EvidenceNotYours):
        released(trial, uploads=[SCAN], duty="interview", by=trial.cast.reviewer)


def test_a_claim_holds_so_many_files_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = at_vote("diagnosis")
    monkeypatch.setattr(services, "MOST_FILES", 2)
    with pytest.raises(TooManyFiles):
        released(trial, uploads=[SCAN, pdf()], duty="interview")
    released(trial, uploads=[SCAN], duty="interview")


# -------- what holds it -----------------------------------------------------------------------------------------------
def test_what_jurors_were_given_is_never_removed() -> None:
    trial = at_vote()
    released(trial, uploads=[SCAN], duty="interview")
    paper = late(trial)
    with pytest.raises(InvestigationNotOpen):
        remove_evidence(evidence_id=paper.pk, by=trial.cast.investigator)
    with pytest.raises(ProtectedError):
        paper.delete()
    with pytest.raises(DatabaseError, match="taken back"), transaction.atomic():
        Evidence.objects.filter(pk=paper.pk)._raw_delete("default")  # type: ignore[attr-defined]
    for change in ({"addendum_id": 0}, {"evidence_id": 0}):
        with pytest.raises(DatabaseError), transaction.atomic():
            AddendumPaper.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        AddendumPaper.objects.all()._raw_delete("default")  # type: ignore[attr-defined]


def test_the_database_takes_only_the_papers_that_the_addendum_lists() -> None:
    trial = at_vote("diagnosis")
    addendum = released(trial, uploads=[SCAN], duty="interview")
    with pytest.raises(DatabaseError, match="that it lists"), transaction.atomic():
        AddendumPaper.objects.create(addendum=addendum, evidence=brought(trial))


# -------- pages and API -----------------------------------------------------------------------------------------------
def test_its_page_files_and_gives_them(client: Client) -> None:
    trial = at_vote("diagnosis", "identity")
    paper = trial.claim.evidence.get(kind="diagnosis")
    client.force_login(trial.cast.investigator)
    address = reverse("investigation_addendum", args=[trial.claim.investigations.get().pk])
    page = client.get(address).content.decode()
    assert f'value="{paper.pk}"' in page
    assert f'value="{trial.claim.evidence.get(kind="identity").pk}"' not in page
    given = {"text": TEXT, "filed": [paper.pk], "duty": "interview"}
    refused = client.post(address, given | {"uploads": [SimpleUploadedFile("scan.jpg", JPEG)]})
    assert refused.status_code == 409
    assert "Confirm that no name stands in the papers" in refused.content.decode()
    assert not Evidence.objects.filter(kind="finding").exists()
    done = client.post(address, given | {"are_masked": "on", "uploads": [SimpleUploadedFile("scan.jpg", JPEG)]})
    assert done.status_code == 302
    page = client.get(address).content.decode()
    assert "Added paper 2: investigator" in page
    client.force_login(trial.cast.reviewer)
    board = client.get(reverse("board_claim", args=[trial.claim.ref])).content.decode()
    assert board.count("given to the jurors while they voted") == 2


def test_a_reviewer_s_page_offers_what_is_filed_and_no_upload(client: Client) -> None:
    trial = at_vote("diagnosis")
    client.force_login(trial.cast.reviewer)
    address = reverse("board_addendum", args=[trial.claim.ref])
    page = client.get(address).content.decode()
    assert 'name="filed"' in page
    assert 'name="uploads"' not in page
    given = {"text": TEXT, "filed": [brought(trial).pk], "are_masked": "on"}
    assert client.post(address, given).status_code == 302
    assert AddendumPaper.objects.get().evidence == brought(trial)


def test_the_same_over_the_api(client: Client) -> None:
    trial = at_vote("diagnosis")
    client.force_login(trial.cast.investigator)
    address = reverse("api-claim-addendum", args=[trial.claim.ref])
    given = {"text": TEXT, "papers": [brought(trial).pk], "duty": "interview"}
    refused = client.post(address, given | {"files": [SimpleUploadedFile("scan.jpg", JPEG)]})
    assert (refused.status_code, refused.json()["code"]) == (409, "NamesNotRemoved")
    given["are_masked"] = "true"
    assert client.post(address, given | {"files": [SimpleUploadedFile("scan.jpg", JPEG)]}).status_code == 200
    assert [one.evidence for one in AddendumPaper.objects.all()] == [brought(trial), late(trial)]


def test_the_api_takes_numbers_as_json(client: Client) -> None:
    trial = at_vote("diagnosis")
    client.force_login(trial.cast.reviewer)
    given = {"text": TEXT, "papers": [brought(trial).pk], "are_masked": True}
    address = reverse("api-claim-addendum", args=[trial.claim.ref])
    assert client.post(address, given, content_type="application/json").status_code == 200
    assert AddendumPaper.objects.get().evidence == brought(trial)
