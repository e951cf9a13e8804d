"""Opening an evidence file."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from adjudication.files import Upload
from adjudication.models import Evidence
from adjudication.services.evidence import add_files
from audit.models import Entry
from tests.adjudication.making import JPEG, PDF, PNG, WEBP, make_claim, pdf, taken
from tests.cast import Cast


def paper_of(cast: Cast, upload: Upload) -> Evidence:
    claim = make_claim(cast.membership, cast.member)
    [paper] = add_files(uploads=[upload], kind="other", title="Secret title", by=cast.member, claim=claim)
    return paper


def test_each_role(client: Client, cast: Cast) -> None:
    paper = paper_of(cast, pdf())
    assert paper.claim is not None
    address = reverse("evidence_file", args=[paper.pk])
    assert client.get(address).status_code == 302
    may = {"member", "reviewer", "auditor"}
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        assert client.get(address).status_code == (200 if role in may else 404), role
    taken(paper.claim, cast.investigator)
    client.force_login(cast.investigator)
    assert client.get(address).content == PDF
    client.force_login(cast.other_investigator)
    assert client.get(address).status_code == 404
    viewers = set(Entry.objects.filter(kind="evidence.viewed").values_list("actor", flat=True))
    assert viewers == {user.audit_ref for user in (cast.reviewer, cast.auditor, cast.investigator)}


@pytest.mark.parametrize(
    ("content", "name", "content_type", "shown"),
    [
        (PDF, "a.pdf", "application/pdf", "attachment"),
        (JPEG, "a.jpg", "image/jpeg", "inline"),
        (PNG, "a.png", "image/png", "inline"),
        (WEBP, "a.webp", "image/webp", "inline"),
        ("出院小结".encode(), "a.txt", "text/plain; charset=utf-8", "inline"),
        (b"{}", "a.json", "application/json", "attachment"),
    ],
)
def test_no_browser_is_led_to_run_it(
    client: Client, cast: Cast, content: bytes, name: str, content_type: str, shown: str
) -> None:
    paper = paper_of(cast, Upload(content, name))
    client.force_login(cast.member)
    answer = client.get(reverse("evidence_file", args=[paper.pk]))
    assert answer.content == content
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"].startswith(shown)
    assert "Secret" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_lost_file_is_said_and_not_an_error_page(client: Client, cast: Cast) -> None:
    paper = paper_of(cast, pdf())
    paper.file.storage.delete(paper.file.name)
    client.force_login(cast.member)
    answer = client.get(reverse("evidence_file", args=[paper.pk]))
    assert answer.status_code == 409
    assert "cannot be read from the store" in answer.content.decode()
