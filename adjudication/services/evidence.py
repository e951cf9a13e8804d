"""Taking in evidence, handing it out, and taking it back while nobody relies on it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from adjudication import files
from adjudication.files import Upload
from adjudication.models import Claim, ClaimDraft, DutyRecord, Evidence
from adjudication.selectors.claims import TAKES_EVIDENCE, is_own_claim
from adjudication.services.jury_texts import check_for_jury
from adjudication.services.locks import locked_claim, own_open_duty
from adjudication.services.refusals import (
    DraftAlreadySent,
    DraftUnknown,
    EvidenceFrozen,
    EvidenceNotYours,
    EvidenceUnreadable,
    FileDisguised,
    FileEmpty,
    FileNameInvalid,
    FileTooLarge,
    FileTypeUnknown,
    NotForJuryByClaimant,
    TextTooLong,
    TooManyFiles,
)
from audit.actors import Actor
from audit.services import append
from members.models import User

MOST_FILES = 100
LONGEST_TITLE = 150


def checked_content_type(upload: Upload) -> str:
    """What the file holds, told from its content.

    Raises FileNameInvalid, FileEmpty, FileTooLarge, FileTypeUnknown, FileDisguised.
    """
    if not files.is_plain_name(upload.filename):
        raise FileNameInvalid(upload.filename)
    if not upload.content:
        raise FileEmpty(upload.filename)
    if len(upload.content) > settings.EVIDENCE_MAX_BYTES:
        raise FileTooLarge(upload.filename, settings.EVIDENCE_MAX_BYTES)
    if not files.is_known_extension(upload.filename):
        raise FileTypeUnknown(upload.filename)
    content_type = files.sniff(upload.content)
    if content_type is None or not files.matches(upload.filename, content_type):
        raise FileDisguised(upload.filename)
    return content_type


@transaction.atomic
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
    """Take in one file for a draft, for a claim before its report is signed, or for a duty that is still open.

    The claimant's side may not choose what jurors see. Raises what `checked_content_type` raises, DraftUnknown,
    DraftAlreadySent, EvidenceNotYours, EvidenceFrozen, TooManyFiles, NotForJuryByClaimant, NamesInSummary, TextTooLong.
    """
    upload = Upload(content, filename)
    content_type = checked_content_type(upload)
    target = _target(claim, draft, duty, by)
    if is_for_jury and isinstance(by, User) and target.duty is None:
        raise NotForJuryByClaimant
    title = title.strip() or filename
    if len(title) > LONGEST_TITLE:
        raise TextTooLong(_("The title"), LONGEST_TITLE)
    if is_for_jury and target.claim is not None:
        _check_masked(title, upload, content_type, target.claim)
    if target.siblings().count() >= MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    evidence = Evidence(
        claim=target.claim,
        draft=target.draft,
        duty=target.duty,
        kind=Evidence.Kind(kind),
        title=title,
        content_type=content_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        salt=secrets.token_hex(32),
        is_for_jury=is_for_jury,
        uploaded_by=uploaded_by or (by if isinstance(by, User) else None),
        uploaded_at=timezone.now(),
        import_key=import_key,
    )
    _store(evidence, content, files.EXTENSION_OF[content_type])
    append(kind="evidence.added", stream=target.stream, by=by, body=_facts(evidence))
    return evidence


@transaction.atomic
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
    """Take in several files, or none of them if one is refused."""
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
def remove_evidence(*, evidence_id: int, by: Actor) -> None:
    """Take back a file of a draft not yet sent, or of a duty whose report is not yet signed.

    What the claimant has filed stays. Raises EvidenceNotYours, DraftAlreadySent, and what `own_open_duty` raises.
    """
    evidence = Evidence.objects.filter(pk=evidence_id).first()
    if evidence is None:
        raise EvidenceNotYours
    if evidence.draft_id is not None:
        stream = _own_draft(evidence.draft_id, by).user.audit_ref
    elif evidence.duty_id is not None:
        stream = own_open_duty(evidence.duty_id, by).investigation.claim.stream
    else:
        raise EvidenceNotYours
    append(kind="evidence.removed", stream=stream, by=by, body=_facts(evidence))
    delete_rows([evidence])


def delete_rows(evidence: Sequence[Evidence]) -> None:
    """Delete rows and, once that is committed, their files."""
    for one in evidence:
        storage, name = one.file.storage, str(one.file.name)
        one.delete()
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]


@transaction.atomic
def read_evidence(*, evidence: Evidence, by: User) -> bytes:
    """The content of a file for somebody who may see it; every look by others than the claimant's side is an entry.

    Raises EvidenceUnreadable.
    """
    try:
        with evidence.file.open("rb") as stored:
            content: bytes = stored.read()
    except (OSError, InvalidToken):
        raise EvidenceUnreadable(evidence.pk) from None
    if hashlib.sha256(content).hexdigest() != evidence.sha256:
        raise EvidenceUnreadable(evidence.pk)
    if evidence.claim is not None and not is_own_claim(by, evidence.claim):
        append(kind="evidence.viewed", stream=evidence.claim.stream, by=by, body={"evidence": evidence.pk})
    return content


class _Target:
    """What a file is added to."""

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
    held = locked_claim(claim.ref)
    if isinstance(by, User) and not is_own_claim(by, held):
        raise EvidenceNotYours
    if held.status not in TAKES_EVIDENCE:
        raise EvidenceFrozen(held.ref)
    return _Target(claim=held)


def _own_draft(draft_id: int, by: Actor) -> ClaimDraft:
    draft = (
        ClaimDraft.objects.select_for_update(of=("self",)).select_related("user", "claim").filter(pk=draft_id).first()
    )
    if draft is None or draft.user.audit_ref != by.audit_ref:
        raise DraftUnknown
    if draft.claim is not None:
        raise DraftAlreadySent(draft.claim.ref)
    return draft


def _check_masked(title: str, upload: Upload, content_type: str, claim: Claim) -> None:
    check_for_jury(title, claim)
    if content_type in {files.TEXT, files.JSON}:
        check_for_jury(upload.content.decode("utf-8-sig"), claim)


def _store(evidence: Evidence, content: bytes, ending: str) -> None:
    evidence.file.save(f"evidence.{ending}", ContentFile(content), save=False)
    try:
        evidence.save()
    except BaseException:
        evidence.file.storage.delete(str(evidence.file.name))
        raise


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
    """SHA-256 over salt and content digest: names the content, and gives away nothing once the salt is gone."""
    return hashlib.sha256(bytes.fromhex(evidence.salt) + bytes.fromhex(evidence.sha256)).hexdigest()
