"""Taking in evidence, handing it out, taking it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from adjudication.errors.drafts import DraftUnknown
from adjudication.errors.evidence import (
    EvidenceFrozen,
    EvidenceNotYours,
    EvidenceUnreadable,
    FileDisguised,
    FileEmpty,
    FileNameInvalid,
    FileTooLarge,
    FileTypeUnknown,
    NotForJuryByClaimant,
    TextNotUtf8,
    TooManyFiles,
)
from adjudication.errors.investigations import InvestigationNotOpen, NamesInSummary, NotYourInvestigation
from adjudication.files import Upload
from adjudication.models import Claim, Evidence
from adjudication.services import evidence as services
from adjudication.services.drafts import start_draft
from adjudication.services.evidence import add_evidence, add_files, checked_content_type, read_evidence, remove_evidence
from audit.actors import SYSTEM
from audit.errors import DomainError
from audit.models import Entry
from tests.adjudication.making import JPEG, PDF, PNG, investigated_claim, kinds, make_claim, pdf, taken
from tests.bent import bend
from tests.cast import Cast


def stored(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_paper_is_stored_encrypted_and_logged_without_its_title(cast: Cast, settings: Settings) -> None:
    claim = make_claim(cast.membership, cast.member)
    paper = add_evidence(
        content=PDF, filename="report.pdf", kind="diagnosis", title="Pathology", by=cast.member, claim=claim
    )
    paper = Evidence.objects.get(pk=paper.pk)
    assert (paper.content_type, paper.size_bytes, paper.title) == ("application/pdf", len(PDF), "Pathology")
    assert (paper.uploaded_by, paper.is_for_jury) == (cast.member, False)
    [path] = stored(settings)
    assert PDF not in path.read_bytes()
    assert "report" not in path.name
    entry = Entry.objects.get(kind="evidence.added")
    assert entry.stream == claim.stream
    assert "Pathology" not in str(entry.body)
    assert paper.sha256 not in str(entry.body)


@pytest.mark.parametrize(
    ("upload", "refusal"),
    [
        (Upload(b"", "a.pdf"), FileEmpty),
        (Upload(PDF, "../../etc/a.pdf"), FileNameInvalid),
        (Upload(PDF, "a.exe"), FileTypeUnknown),
        (Upload(b"MZ\x90\x00\x03", "a.pdf"), FileDisguised),
        (Upload(PNG, "a.pdf"), FileDisguised),
        (Upload(b"<html><script>alert(1)</script>", "a.txt"), FileDisguised),
        (Upload(PDF + b"x" * 2000, "a.pdf"), FileTooLarge),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_stored(
    cast: Cast, settings: Settings, upload: Upload, refusal: type[DomainError]
) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(refusal):
        add_files(uploads=[pdf(), upload], kind="other", title="", by=cast.member, claim=claim)
    assert not Evidence.objects.exists()
    assert "evidence.added" not in kinds(claim)


def test_the_limit_itself_is_allowed(cast: Cast, settings: Settings) -> None:
    settings.EVIDENCE_MAX_BYTES = len(PDF)
    claim = make_claim(cast.membership, cast.member)
    assert add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)


def test_a_claim_holds_so_many_files_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_FILES", 2)
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(TooManyFiles):
        add_files(uploads=[pdf()] * 3, kind="other", title="", by=cast.member, claim=claim)
    add_files(uploads=[pdf()] * 2, kind="other", title="", by=cast.member, claim=claim)
    assert claim.evidence.count() == 2


def test_only_the_claimants_side_adds_to_a_claim(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    for stranger in (cast.outsider, cast.investigator, cast.reviewer, cast.auditor):
        with pytest.raises(EvidenceNotYours):
            add_files(uploads=[pdf()], kind="other", title="", by=stranger, claim=claim)
    imported = add_evidence(
        content=b"{}", filename="claim.json", kind="bill", title="Bill", by=SYSTEM, claim=claim, import_key="f:1"
    )
    assert (imported.uploaded_by, imported.content_type) == (None, "application/json")


def test_nothing_is_added_or_removed_once_the_report_is_signed(cast: Cast) -> None:
    claim = investigated_claim(cast)
    with pytest.raises(EvidenceFrozen):
        add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    with pytest.raises(EvidenceFrozen):
        add_evidence(content=PDF, filename="a.pdf", kind="other", title="", by=SYSTEM, claim=claim)
    duty = claim.investigations.get().duties.first()
    with pytest.raises(InvestigationNotOpen):
        add_files(uploads=[pdf()], kind="finding", title="", by=cast.investigator, duty=duty)


def test_what_jurors_see_is_the_investigators_choice(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(NotForJuryByClaimant):
        add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim, is_for_jury=True)
    duty = taken(claim, cast.investigator).duties.first()
    [shown] = add_files(
        uploads=[pdf()], kind="finding", title="Masked", by=cast.investigator, duty=duty, is_for_jury=True
    )
    assert (shown.is_for_jury, shown.claim, shown.duty) == (True, claim, duty)


@pytest.mark.parametrize(
    ("title", "upload"),
    [
        ("Report of Wang Xiaoming", pdf()),
        ("", pdf("Wang Xiaoming.pdf")),
        ("Note", Upload(b"Wang Xiaoming was seen.", "note.txt")),
        ("Note", Upload(b"Phone 138 0000 1111", "note.txt")),
    ],
)
def test_a_file_for_the_jury_that_names_the_member_is_refused(cast: Cast, title: str, upload: Upload) -> None:
    cast.membership.person.phone = "13800001111"
    bend(cast.membership.person)
    claim = make_claim(cast.membership, cast.member)
    duty = taken(claim, cast.investigator).duties.first()
    with pytest.raises(NamesInSummary):
        add_files(uploads=[upload], kind="finding", title=title, by=cast.investigator, duty=duty, is_for_jury=True)
    add_files(uploads=[upload], kind="finding", title=title, by=cast.investigator, duty=duty)


def test_every_look_by_others_is_an_entry(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    assert read_evidence(evidence=paper, by=cast.member) == PDF
    assert "evidence.viewed" not in kinds(claim)
    assert read_evidence(evidence=paper, by=cast.reviewer) == PDF
    entry = Entry.objects.get(kind="evidence.viewed")
    assert (entry.actor, entry.stream, entry.body) == (cast.reviewer.audit_ref, claim.stream, {"evidence": paper.pk})


def test_a_file_that_is_lost_or_changed_is_not_handed_out(cast: Cast, settings: Settings) -> None:
    claim = make_claim(cast.membership, cast.member)
    first, second = add_files(uploads=[pdf(), pdf("b.pdf")], kind="other", title="", by=cast.member, claim=claim)
    third = add_evidence(content=PNG, filename="c.png", kind="other", title="", by=cast.member, claim=claim)
    Path(first.file.path).write_bytes(b"not what was written")
    Path(second.file.path).unlink()
    # Encrypted by the service itself, but another file.
    other = add_evidence(content=PDF, filename="d.pdf", kind="other", title="", by=cast.member, claim=claim)
    Path(third.file.path).write_bytes(Path(other.file.path).read_bytes())
    for broken in (first, second, third):
        with pytest.raises(EvidenceUnreadable):
            read_evidence(evidence=Evidence.objects.get(pk=broken.pk), by=cast.reviewer)
    assert read_evidence(evidence=Evidence.objects.get(pk=other.pk), by=cast.member) == PDF
    assert "evidence.viewed" not in kinds(claim)


def test_the_content_of_a_row_cannot_be_exchanged(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=paper.pk).update(sha256="0" * 64)


def test_a_draft_and_a_duty_give_back_their_files(
    cast: Cast, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft = start_draft(by=cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, draft=draft)
    with pytest.raises(DraftUnknown):
        remove_evidence(evidence_id=paper.pk, by=cast.outsider)
    claim = make_claim(cast.membership, cast.member)
    duty = taken(claim, cast.investigator).duties.first()
    [finding] = add_files(uploads=[pdf()], kind="finding", title="", by=cast.investigator, duty=duty)
    with pytest.raises(NotYourInvestigation):
        remove_evidence(evidence_id=finding.pk, by=cast.member)
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(evidence_id=paper.pk, by=cast.member)
        remove_evidence(evidence_id=finding.pk, by=cast.investigator)
    assert not Evidence.objects.exists()
    assert not stored(settings)
    assert Entry.objects.filter(kind="evidence.removed").count() == 2


def test_what_the_claimant_has_filed_stays(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    for by in (cast.member, cast.reviewer):
        with pytest.raises(EvidenceNotYours):
            remove_evidence(evidence_id=paper.pk, by=by)
    assert Claim.objects.get(pk=claim.pk).evidence.count() == 1


def test_only_staff_read_what_a_paper_says_of_its_maker(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    exif = b"\xff\xe1\x00\x10Exif\0\0position"
    picture = JPEG[:2] + exif + JPEG[2:]
    paper = add_evidence(content=picture, filename="a.jpg", kind="bill", title="", by=cast.member, claim=claim)
    for user in (cast.reviewer, cast.auditor, cast.investigator):
        assert read_evidence(evidence=paper, by=user) == picture
    for user in (cast.member, cast.professional, cast.outsider):
        assert b"position" not in read_evidence(evidence=paper, by=user)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("诊断书：王小明".encode("gb18030"), "GB18030"), ("诊断书".encode("utf-16"), "UTF-16")],
)
def test_a_text_in_another_encoding_is_named_as_one(content: bytes, encoding: str) -> None:
    with pytest.raises(TextNotUtf8, match=encoding):
        checked_content_type(Upload(content, "note.txt"))


def test_a_pdf_behind_a_mark_is_one() -> None:
    assert checked_content_type(Upload(b"\xef\xbb\xbf\r\n" + PDF, "report.pdf")) == "application/pdf"
