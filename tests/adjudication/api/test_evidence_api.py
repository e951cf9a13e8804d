"""Evidence over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from adjudication.api.evidence import UploadThrottle
from adjudication.models import Claim, Evidence
from adjudication.services.drafts import start_draft
from adjudication.services.evidence import add_files
from tests.adjudication.making import PDF, investigated_claim, make_claim, pdf, taken
from tests.cast import Cast

LIST = "/api/v1/evidence/"


def upload(client: Client, claim: Claim | None = None, content: bytes = PDF, name: str = "a.pdf", **more: Any) -> Any:
    given = {"kind": "diagnosis", "file": SimpleUploadedFile(name, content)} | more
    return client.post(LIST, given | ({"claim": claim.ref} if claim else {}))


def test_a_member_uploads_and_downloads(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    answer = upload(client, claim, title="Report")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["claim"], shown["title"], shown["content_type"]) == (claim.ref, "Report", "application/pdf")
    assert not {"sha256", "salt", "file"} & set(shown)
    got = client.get(f"{LIST}{shown['id']}/file/")
    assert got.content == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_each_role_reads_what_it_may_open(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    draft = start_draft(by=cast.member)
    add_files(uploads=[pdf()], kind="other", title="", by=cast.member, draft=draft)
    assert client.get(LIST).status_code in {401, 403}
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        may = role in {"member", "reviewer", "auditor"}
        assert [row["id"] for row in client.get(LIST).json()["results"]] == ([paper.pk] if may else []), role
        for address in (f"{LIST}{paper.pk}/", f"{LIST}{paper.pk}/file/"):
            assert client.get(address).status_code == (200 if may else 404), role


@pytest.mark.parametrize(
    ("content", "name", "status", "named"),
    [
        (b"", "a.pdf", 409, "FileEmpty"),
        (b"MZ\x90\x00", "a.pdf", 409, "FileDisguised"),
        (PDF, "a.exe", 409, "FileTypeUnknown"),
        (PDF + b"x" * 1000, "a.pdf", 409, "FileTooLarge"),
    ],
)
def test_a_bad_file_is_named_and_not_kept(
    client: Client, cast: Cast, settings: Any, content: bytes, name: str, status: int, named: str
) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    answer = upload(client, claim, content, name)
    assert (answer.status_code, answer.json()["code"]) == (status, named)
    assert not Evidence.objects.exists()


def test_who_may_upload_where(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    for user, status in ((cast.outsider, 404), (cast.investigator, 403), (cast.reviewer, 403), (cast.auditor, 403)):
        client.force_login(user)
        assert upload(client, claim).status_code == status
    duty = taken(claim, cast.investigator).duties.all()[0]
    client.force_login(cast.other_investigator)
    assert upload(client, duty=duty.pk).status_code == 404
    client.force_login(cast.reviewer)
    assert upload(client, duty=duty.pk).status_code == 403
    client.force_login(cast.investigator)
    assert upload(client, duty=duty.pk, is_for_jury="true").json()["is_for_jury"] is True
    assert upload(client).status_code == 400
    assert upload(client, claim, duty=duty.pk).status_code == 400
    assert claim.evidence.count() == 1


def test_frozen_evidence_takes_nothing(client: Client, cast: Cast) -> None:
    claim = investigated_claim(cast)
    client.force_login(cast.member)
    answer = upload(client, claim)
    assert (answer.status_code, answer.json()["code"]) == (409, "EvidenceFrozen")


def test_uploads_have_a_limit_of_their_own(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UploadThrottle, "rate", "2/min", raising=False)
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    assert [upload(client, claim).status_code for _ in range(3)] == [201, 201, 429]
    assert client.get(LIST).status_code == 200


def test_the_list_is_of_one_claim(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    client.force_login(cast.member)
    assert len(client.get(f"{LIST}?claim={claim.ref}").json()["results"]) == 1
    assert client.get(f"{LIST}?claim=C00-000000").json()["results"] == []
