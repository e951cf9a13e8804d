"""Adding evidence, reading it, and removing it while nobody relies on it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from adjudication import files
from adjudication.errors.addenda import NamesInPaper
from adjudication.errors.claims import TextTooLong
from adjudication.errors.drafts import DraftAlreadySent, DraftUnknown
from adjudication.errors.evidence import (
    EvidenceFrozen,
    EvidenceNotYours,
    EvidenceUnreadable,
    FileDisguised,
    FileEmpty,
    FileNameInvalid,
    FileNotStored,
    FileTellsMaker,
    FileTooLarge,
    FileTypeUnknown,
    NotForJuryByClaimant,
    TextNotUtf8,
    TooManyFiles,
)
from adjudication.errors.findings import EvidenceReliedOn
from adjudication.errors.investigations import NamesInSummary
from adjudication.files import Upload
from adjudication.models import Claim, ClaimDraft, DutyRecord, Evidence
from adjudication.rules.inside_files import tells_maker, without_traces
from adjudication.selectors.claims import TAKES_EVIDENCE, is_own_claim
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim, own_open_duty
from adjudication.stored_files import note_written, removed_if_refused
from audit import clock
from audit.actors import Actor
from audit.services import append
from members.access import is_auditor, is_investigator, is_reviewer
from members.models import User

log = structlog.get_logger(__name__)

MOST_FILES = 100
LONGEST_TITLE = 150


def checked_content_type(upload: Upload) -> str:
    """The content type, detected from the content.

    Raises FileNameInvalid, FileEmpty, FileTooLarge, FileTypeUnknown, FileDisguised, TextNotUtf8.
    """
    if not files.is_plain_name(upload.filename):
        raise FileNameInvalid(name=upload.filename)
    if not upload.content:
        raise FileEmpty(name=upload.filename)
    if len(upload.content) > settings.EVIDENCE_MAX_BYTES:
        raise FileTooLarge(name=upload.filename, limit=settings.EVIDENCE_MAX_BYTES // (1024 * 1024))
    if not files.is_known_extension(upload.filename):
        raise FileTypeUnknown(name=upload.filename)
    content_type = files.sniff(upload.content)
    if content_type is None and files.extension(upload.filename) == "txt":
        encoding = files.other_encoding(upload.content)
        if encoding:
            raise TextNotUtf8(name=upload.filename, encoding=encoding)
    if content_type is None or not files.matches(upload.filename, content_type):
        raise FileDisguised(name=upload.filename)
    return content_type


@transaction.atomic
@removed_if_refused()
def add_evidence(
    *,
    content: bytes,
    filename: str,
    kind: str,
    title: str,
    by: Actor,
    claim: Claim | None = None,
    draft: ClaimDraft | None = None,
    duty: DutyRecord | None = None,
    is_for_jury: bool = False,
    uploaded_by: User | None = None,
    import_key: str | None = None,
) -> Evidence:
    """Add one file to a draft, to a claim before its report is signed, or to a duty that is still open.

    The claimant's side may not choose what jurors see. Raises what `checked_content_type` raises, DraftUnknown,
    DraftAlreadySent, EvidenceNotYours, EvidenceFrozen, TooManyFiles, NotForJuryByClaimant, NamesInSummary,
    FileTellsMaker, TextTooLong, FileNotStored.
    """
    upload = Upload(content, filename)
    content_type = checked_content_type(upload)
    target = _target(claim, draft, duty, by)
    if is_for_jury and isinstance(by, User) and target.duty is None:
        raise NotForJuryByClaimant
    title = title.strip() or filename
    if len(title) > LONGEST_TITLE:
        raise TextTooLong(what=_("The title"), limit=LONGEST_TITLE)
    if is_for_jury and target.claim is not None:
        _check_masked(title, upload, content_type, target.claim)
    facts: dict[str, Any] = {
        "kind": Evidence.Kind(kind),
        "title": title,
        "is_for_jury": is_for_jury,
        "import_key": import_key,
    }
    return _file(target, upload, content_type, by, uploaded_by=uploaded_by, **facts)


def _file(
    target: _Target, upload: Upload, content_type: str, by: Actor, *, uploaded_by: User | None = None, **facts: Any
) -> Evidence:
    """Store what is checked, with its entry."""
    # The user's draft or claim is locked: two uploads at once can't both be the last one allowed.
    if target.siblings().count() >= MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    evidence = Evidence(
        claim=target.claim,
        draft=target.draft,
        duty=target.duty,
        content_type=content_type,
        size_bytes=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        salt=secrets.token_hex(32),
        uploaded_by=uploaded_by or (by if isinstance(by, User) else None),
        uploaded_at=clock.now(),
        **facts,
    )
    _store(evidence, upload, files.EXTENSION_OF[content_type])
    append(kind="evidence.added", stream=target.stream, by=by, body=_facts(evidence))
    return evidence


@transaction.atomic
@removed_if_refused()
def add_files(
    *,
    uploads: Sequence[Upload],
    kind: str,
    title: str,
    by: Actor,
    claim: Claim | None = None,
    draft: ClaimDraft | None = None,
    duty: DutyRecord | None = None,
    is_for_jury: bool = False,
) -> list[Evidence]:
    """Add several files, or none of them if one is refused."""
    return [
        add_evidence(
            content=upload.content,
            filename=upload.filename,
            kind=kind,
            title=title,
            by=by,
            claim=claim,
            draft=draft,
            duty=duty,
            is_for_jury=is_for_jury,
        )
        for upload in uploads
    ]


@transaction.atomic
@removed_if_refused()
def file_for_addendum(*, uploads: Sequence[Upload], duty: DutyRecord, by: User) -> list[Evidence]:
    """File what came in after the report, for the jurors who are voting: only with an addendum, as part of its act.

    The caller has locked the claim and checked who may. Raises what `checked_content_type` raises, NamesInPaper,
    FileTellsMaker, TooManyFiles, FileNotStored.
    """
    claim = duty.investigation.claim
    filed = []
    for upload in uploads:
        content_type = checked_content_type(upload)
        _check_given(upload.filename, upload, content_type, claim)
        facts: dict[str, Any] = {"kind": Evidence.Kind.FINDING, "title": upload.filename, "is_for_jury": True}
        filed.append(_file(_Target(claim=claim, duty=duty), upload, content_type, by, **facts))
    return filed


def check_masked(evidence: Evidence) -> None:
    """Ask of a paper that is filed already what is asked of one that is uploaded for jurors.

    Raises EvidenceUnreadable, NamesInPaper, FileTellsMaker.
    """
    assert evidence.claim is not None
    _check_given(evidence.title, Upload(_content_of(evidence), evidence.title), evidence.content_type, evidence.claim)


@transaction.atomic
def remove_evidence(*, evidence_id: int, by: Actor) -> None:
    """Remove a file of a draft not yet sent, or of a duty whose report is not yet signed.

    What the claimant has filed stays. Raises EvidenceNotYours, DraftAlreadySent, EvidenceReliedOn, and what
    `own_open_duty` raises.
    """
    evidence = Evidence.objects.filter(pk=evidence_id).first()
    if evidence is None:
        raise EvidenceNotYours
    if evidence.draft_id is not None:
        stream = _own_draft(evidence.draft_id, by).user.audit_ref
    elif evidence.duty_id is not None:
        stream = own_open_duty(evidence.duty_id, by).investigation.claim.stream
        if evidence.facts_found.exists():
            raise EvidenceReliedOn(name=evidence.title)
    else:
        raise EvidenceNotYours
    append(kind="evidence.removed", stream=stream, by=by, body=_facts(evidence))
    delete_rows([evidence])


def delete_rows(evidence: Sequence[Evidence]) -> None:
    """Delete rows and, once that is committed, their files."""
    for one in evidence:
        storage, name = one.file.storage, str(one.file.name)
        one.delete()
        # On commit: a rollback keeps the row, and then its file must still be there.
        # Robust: the act is committed, and a file that cannot be removed is found by `manage.py check_uploads`.
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name), robust=True)  # type: ignore[misc]


@transaction.atomic
def read_evidence(*, evidence: Evidence, by: User) -> bytes:
    """The content of a file for a user who may see it; each access by anyone but the claimant's side is logged.

    Only staff get it with what it says of its maker (`adjudication.rules.inside_files`).

    Raises EvidenceUnreadable.
    """
    content = _content_of(evidence)
    # Within the read's transaction: if the entry can't be written, the content is not handed out.
    if evidence.claim is not None and not is_own_claim(by, evidence.claim):
        append(kind="evidence.viewed", stream=evidence.claim.stream, by=by, body={"evidence": evidence.pk})
    # Position and author inside a file are for those who investigate and review, and for nobody else.
    is_staff = is_investigator(by) or is_reviewer(by) or is_auditor(by)
    return content if is_staff else without_traces(content, evidence.content_type)


def _content_of(evidence: Evidence) -> bytes:
    try:
        with evidence.file.open("rb") as stored:
            content: bytes = stored.read()
    except (OSError, InvalidToken):
        raise EvidenceUnreadable(number=evidence.pk) from None
    if hashlib.sha256(content).hexdigest() != evidence.sha256:
        raise EvidenceUnreadable(number=evidence.pk)
    return content


class _Target:
    """The object that a file is added to."""

    def __init__(
        self, *, claim: Claim | None = None, draft: ClaimDraft | None = None, duty: DutyRecord | None = None
    ) -> None:
        self.claim, self.draft, self.duty = claim, draft, duty

    @property
    def stream(self) -> str:
        if self.claim is not None:
            return self.claim.stream
        assert self.draft is not None
        return self.draft.user.audit_ref

    def siblings(self) -> QuerySet[Evidence]:
        if self.claim is not None:
            return Evidence.objects.filter(claim=self.claim)
        return Evidence.objects.filter(draft=self.draft)


def _target(claim: Claim | None, draft: ClaimDraft | None, duty: DutyRecord | None, by: Actor) -> _Target:
    if draft is not None:
        return _Target(draft=_own_draft(draft.pk, by))
    if duty is not None:
        locked = own_open_duty(duty.pk, by) if isinstance(by, User) else duty
        return _Target(claim=locked.investigation.claim, duty=locked)
    if claim is None:
        raise ValueError("evidence belongs to a draft, a claim or a duty")
    held = locked_claim(pk=claim.pk)
    if isinstance(by, User) and not is_own_claim(by, held):
        raise EvidenceNotYours
    if held.status not in TAKES_EVIDENCE:
        raise EvidenceFrozen(ref=held.ref)
    return _Target(claim=held)


def _own_draft(draft_id: int, by: Actor) -> ClaimDraft:
    draft = (
        ClaimDraft.objects.select_for_update(of=("self",)).select_related("user", "claim").filter(pk=draft_id).first()
    )
    if draft is None or draft.user.audit_ref != by.audit_ref:
        raise DraftUnknown
    if draft.claim is not None:
        raise DraftAlreadySent(ref=draft.claim.ref)
    return draft


def _check_masked(title: str, upload: Upload, content_type: str, claim: Claim) -> None:
    check_for_jury(title, claim)
    if tells_maker(upload.content, content_type):
        raise FileTellsMaker(name=upload.filename)
    if content_type in {files.TEXT, files.JSON}:
        check_for_jury(upload.content.decode("utf-8-sig"), claim)


def _check_given(title: str, upload: Upload, content_type: str, claim: Claim) -> None:
    try:
        _check_masked(title, upload, content_type, claim)
    except NamesInSummary as error:
        raise NamesInPaper(name=title, what=error.what) from None


def _store(evidence: Evidence, upload: Upload, ending: str) -> None:
    try:
        evidence.file.save(f"evidence.{ending}", ContentFile(upload.content), save=False)
    except OSError as error:
        log.exception("evidence.not_stored", errno=error.errno)
        raise FileNotStored(name=upload.filename) from error
    note_written(evidence.file)
    evidence.save()


def _facts(evidence: Evidence) -> dict[str, object]:
    return {
        "evidence": evidence.pk,
        "kind": evidence.kind,
        "content_type": evidence.content_type,
        "size_bytes": evidence.size_bytes,
        "duty": evidence.duty_id,
        "is_for_jury": evidence.is_for_jury,
        "digest": salted_digest(evidence),
    }


def salted_digest(evidence: Evidence) -> str:
    """SHA-256 over salt and content digest: identifies the content, and reveals nothing once the salt is deleted."""
    return hashlib.sha256(bytes.fromhex(evidence.salt) + bytes.fromhex(evidence.sha256)).hexdigest()
