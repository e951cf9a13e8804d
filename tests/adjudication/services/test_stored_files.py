"""Files and their rows: a full disk or a refusal leaves neither half a file nor a file without a row."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from adjudication.errors.evidence import FileDisguised, FileNotStored
from adjudication.files import Upload
from adjudication.models import Evidence
from adjudication.services.drafts import start_draft
from adjudication.services.evidence import add_evidence, add_files, remove_evidence
from audit.models import Entry
from pages.whole_files import PART, whole_file, write_whole
from tests.adjudication.making import PDF, make_claim, pdf
from tests.adjudication.services.test_evidence import stored
from tests.cast import Cast

BIG = Upload(PDF + b"x" * 20_000, "big.pdf")


@contextmanager
def full_disk(room: int = 4_000) -> Iterator[None]:
    """The system lets this process write so many bytes to a file and no more, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_no_file_and_no_row(cast: Cast, settings: Settings) -> None:
    claim = make_claim(cast.membership, cast.member)
    with full_disk(), pytest.raises(FileNotStored) as refused:
        add_files(uploads=[pdf(), BIG], kind="other", title="", by=cast.member, claim=claim)
    assert "“big.pdf” could not be stored" in str(refused.value)
    assert not stored(settings)
    assert not Evidence.objects.exists()
    assert not Entry.objects.filter(kind="evidence.added").exists()


def test_a_refused_file_takes_the_earlier_ones_with_it(cast: Cast, settings: Settings) -> None:
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(FileDisguised):
        add_files(uploads=[pdf(), Upload(b"no pdf", "b.pdf")], kind="other", title="", by=cast.member, claim=claim)
    assert not stored(settings)


def test_a_title_that_the_database_refuses_leaves_no_file(cast: Cast, settings: Settings) -> None:
    claim = make_claim(cast.membership, cast.member)
    facts = {"content": PDF, "filename": "a.pdf", "kind": "bill", "title": "", "by": cast.member, "claim": claim}
    add_evidence(**facts, import_key="same")  # type: ignore[arg-type]
    with pytest.raises(Exception, match="import_key"), transaction.atomic():
        add_evidence(**facts, import_key="same")  # type: ignore[arg-type]
    assert len(stored(settings)) == 1


def test_a_member_on_a_full_disk_gets_the_form_back_with_what_they_typed(client: Client, cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    client.force_login(cast.member)
    page = reverse("claim_draft", args=[draft.pk, "papers"])
    with full_disk(40_000):
        upload = SimpleUploadedFile("upload.pdf", PDF + b"x" * 100_000, "application/pdf")
        response = client.post(page, {"kind": "bill", "title": "The bill of March", "papers": upload})
    told = response.content.decode()
    assert response.status_code == 503
    assert "“upload.pdf” could not be stored: the service has no room for files right now." in told
    assert "The bill of March" in told


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    write_whole(path, b"before")
    with full_disk(), pytest.raises(OSError, match="File too large"):
        write_whole(path, b"x" * 20_000)
    with pytest.raises(UnicodeEncodeError), whole_file(path, text=True) as file:
        file.write("after \ud800")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600


def age(path: Path, hours: float) -> None:
    at = path.stat().st_mtime - hours * 3600
    os.utime(path, (at, at))


def checked(*arguments: str) -> str:
    out = StringIO()
    call_command("check_uploads", *arguments, stdout=out)
    return out.getvalue()


def test_uploads_are_compared_both_ways(cast: Cast, settings: Settings) -> None:
    claim = make_claim(cast.membership, cast.member)
    kept, lost = add_files(uploads=[pdf(), pdf("b.pdf")], kind="other", title="", by=cast.member, claim=claim)
    assert "2 rows, 2 files, 0 of them new and without a row" in checked()
    folder = Path(kept.file.path).parent
    orphan, part, new = (folder / name for name in ("0" * 32, f".{'1' * 32}.ab{PART}", "2" * 32))
    for path in (orphan, part, new):
        path.write_bytes(b"x")
    age(orphan, 25)
    age(part, 25)
    age(new, 23)
    told = checked("--remove")
    assert "2 files without a row" in told
    assert f"{'1' * 32}.ab{PART} (unfinished)" in told
    assert "1 of them new and without a row" in told
    assert (orphan.exists(), part.exists(), new.exists(), Path(kept.file.path).exists()) == (False, False, True, True)
    Path(lost.file.path).unlink()
    with pytest.raises(CommandError, match="1 files cannot be read"):
        checked()


def test_contents_are_compared_with_their_digests(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    assert "0 files that are not what was uploaded" in checked("--contents")
    Path(paper.file.path).write_bytes(b"another")
    assert "1 rows" in checked()
    with pytest.raises(CommandError, match="1 files cannot be read"):
        checked("--contents")


def test_a_file_that_cannot_be_removed_undoes_nothing(
    cast: Cast, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft = start_draft(by=cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, draft=draft)
    # A folder in the place of the file: even root cannot unlink it.
    path = Path(paper.file.path)
    path.unlink()
    path.mkdir()
    (path / "x").write_bytes(b"")
    with django_capture_on_commit_callbacks(execute=True):
        remove_evidence(evidence_id=paper.pk, by=cast.member)
    assert not Evidence.objects.exists()
