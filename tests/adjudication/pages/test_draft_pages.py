"""Filing a claim page by page, as a browser without scripts does it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from adjudication.models import Claim, ClaimDraft
from adjudication.services.drafts import start_draft
from tests.adjudication.making import PDF, days_ago, make_claim
from tests.cast import Cast
from tests.factories import make_membership

STEPS = ("who", "diagnosis", "illness", "days", "hospital", "papers", "check", "discard")


def step(draft: ClaimDraft, name: str) -> str:
    return reverse("claim_draft", args=[draft.pk, name])


def begun(client: Client, cast: Cast) -> ClaimDraft:
    client.force_login(cast.member)
    client.post(reverse("claim_new"))
    return ClaimDraft.objects.get(user=cast.member, claim=None)


def typed(cast: Cast) -> dict[str, dict[str, Any]]:
    return {
        "who": {"membership": cast.membership.pk},
        "diagnosis": {"q": "breast", "icd10": "C50.9"},
        "illness": {"severity": "severe", "is_accident": "no"},
        "days": {"first_diagnosed_on": days_ago(20).isoformat(), "suspected_on": ""},
        "hospital": {"hospital": "Ruijin", "account": "It began in spring."},
        "papers": {"kind": "diagnosis", "act": "continue"},
    }


def test_a_claim_is_filed_from_the_first_page_to_the_last(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    assert "Have these ready" in client.get(reverse("claim_new")).content.decode()
    answer = client.post(reverse("claim_new"))
    draft = ClaimDraft.objects.get(user=cast.member)
    for name, given in typed(cast).items():
        assert answer.headers["location"] == step(draft, name)
        page = client.get(step(draft, name))
        assert page.status_code == 200
        if name == "papers":
            given = {**given, "papers": [SimpleUploadedFile("report.pdf", PDF)]}
        answer = client.post(step(draft, name), given)
        assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["location"] == step(draft, "check")
    check = client.get(step(draft, "check")).content.decode()
    for said in (cast.membership.person.name, "C50.9", "Severe", "Ruijin", "It began in spring.", "report.pdf"):
        assert said in check, said
    sent = client.post(step(draft, "check"), follow=True).content.decode()
    claim = Claim.objects.get()
    assert claim.ref in sent
    assert "Waiting for an investigator" in sent
    assert claim.evidence.get().title == "report.pdf"


def test_pressing_send_twice_files_one_claim(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    for name, given in typed(cast).items():
        client.post(step(draft, name), given)
    for _ in range(2):
        answer = client.post(step(draft, "check"))
        assert answer.headers["location"] == step(draft, "sent")
    assert Claim.objects.count() == 1
    for name in STEPS:
        assert client.get(step(draft, name)).headers["location"] == step(draft, "sent")


def test_a_draft_survives_and_shows_when_it_was_saved(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    client.post(step(draft, "hospital"), typed(cast)["hospital"])
    client.logout()
    client.force_login(cast.member)
    tasks = client.get(reverse("claim_new"))
    assert [task["state"] for task in tasks.context["tasks"]].count("done") == 1
    assert "Last saved:" in tasks.content.decode()
    page = client.get(step(draft, "hospital")).content.decode()
    assert 'value="Ruijin"' in page
    assert "Saved:" in page
    assert "You are writing a claim" in client.get(reverse("claim_list")).content.decode()


@pytest.mark.parametrize(
    ("name", "given", "status", "kept", "said"),
    [
        ("who", {}, 422, "", "Choose who is ill."),
        ("who", {"membership": "0"}, 422, "", "Choose one of the people in the list."),
        ("diagnosis", {"q": "breast"}, 422, 'value="breast"', "Choose the diagnosis from the list."),
        ("diagnosis", {"q": "breast", "icd10": "X9Q"}, 422, 'value="breast"', "is not in the list"),
        ("illness", {"severity": "severe"}, 422, "checked", "Choose yes or no."),
        ("days", {"first_diagnosed_on": "2025-02-31"}, 422, "2025-02-31", "Write a day that exists"),
        ("days", {"first_diagnosed_on": "2999-01-01"}, 409, "2999-01-01", "is after today"),
        ("days", {"first_diagnosed_on": "1950-01-01"}, 409, "1950-01-01", "is before the birth"),
        ("days", {"first_diagnosed_on": "2001-01-01"}, 409, "2001-01-01", "was not yet a member"),
        ("hospital", {"hospital": "", "account": "My story"}, 422, "My story", "Write the name of the hospital."),
        ("hospital", {"hospital": "x" * 201, "account": "My story"}, 422, "My story", "at most 200"),
    ],
)
def test_a_failing_step_keeps_what_was_typed(
    client: Client, cast: Cast, name: str, given: dict[str, str], status: int, kept: str, said: str
) -> None:
    draft = begun(client, cast)
    client.post(step(draft, "who"), typed(cast)["who"])
    before = ClaimDraft.objects.get(pk=draft.pk).answers
    answer = client.post(step(draft, name), given)
    page = answer.content.decode()
    assert answer.status_code == status
    assert kept in page
    assert said in page
    assert "There is a problem" in page
    assert ClaimDraft.objects.get(pk=draft.pk).answers == before


def test_a_bad_file_is_named_and_nothing_is_kept_of_the_batch(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    batch = [SimpleUploadedFile("good.pdf", PDF), SimpleUploadedFile("bad.pdf", b"MZ\x90\x00")]
    answer = client.post(step(draft, "papers"), {"kind": "bill", "act": "add", "papers": batch})
    assert answer.status_code == 409
    assert "The content of “bad.pdf” does not match its name" in answer.content.decode()
    assert not draft.evidence.exists()
    empty = [SimpleUploadedFile("empty.pdf", b"")]
    answer = client.post(step(draft, "papers"), {"kind": "bill", "act": "add", "papers": empty})
    assert answer.status_code == 422
    assert client.post(step(draft, "papers"), {"kind": "bill", "act": "add"}).status_code == 422


def test_papers_are_added_and_removed(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    client.post(step(draft, "papers"), {"kind": "bill", "act": "add", "papers": [SimpleUploadedFile("a.pdf", PDF)]})
    paper = draft.evidence.get()
    assert "a.pdf" in client.get(step(draft, "papers")).content.decode()
    client.post(step(draft, "papers"), {"remove": str(paper.pk)})
    assert not draft.evidence.exists()
    assert client.post(step(draft, "papers"), {"remove": str(paper.pk)}).status_code == 404
    assert client.post(step(draft, "papers"), {"remove": "x"}).status_code == 404


def test_another_open_claim_is_reported_at_the_first_step(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    draft = begun(client, cast)
    answer = client.post(step(draft, "who"), typed(cast)["who"])
    assert answer.status_code == 409
    assert f"Claim {claim.ref} of this member is still open" in answer.content.decode()


def test_what_became_impossible_is_shown_at_the_end(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    for name, given in typed(cast).items():
        client.post(step(draft, name), given)
    make_claim(cast.membership, cast.reviewer)
    answer = client.post(step(draft, "check"))
    assert answer.status_code == 409
    assert "still open" in answer.content.decode()
    assert ClaimDraft.objects.get(pk=draft.pk).claim is None


def test_the_check_page_names_what_is_missing(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    page = client.get(step(draft, "check")).content.decode()
    assert "Not finished yet" in page
    assert client.post(step(draft, "check")).status_code == 409
    assert client.get(step(draft, "sent")).headers["location"] == reverse("claim_new")


def test_discarding_asks_first(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    assert "cannot be undone" in client.get(step(draft, "discard")).content.decode()
    assert client.post(step(draft, "discard")).status_code == 302
    assert not ClaimDraft.objects.exists()


@pytest.mark.parametrize("name", STEPS)
def test_a_draft_is_its_writers_alone(client: Client, cast: Cast, name: str) -> None:
    draft = start_draft(by=cast.member)
    assert client.get(step(draft, name)).status_code == 302
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        assert client.get(step(draft, name)).status_code == (200 if role == "member" else 404), role
        if role != "member":
            assert client.post(step(draft, name), {}).status_code == 404
    assert ClaimDraft.objects.get(pk=draft.pk).answers == {}


def test_an_unknown_step_does_not_exist(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    assert client.get(step(draft, "nothing")).status_code == 404
    assert client.post(step(draft, "sent")).status_code == 404


def test_a_user_without_a_membership_sees_that_one_is_needed(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    page = client.get(reverse("claim_new")).content.decode()
    assert "Only members can claim." in page
    assert reverse("plan_list") in page


def test_only_ones_own_people_are_offered(client: Client, cast: Cast) -> None:
    stranger = make_membership(cast.plan)
    draft = begun(client, cast)
    page = client.get(step(draft, "who")).content.decode()
    assert f'value="{cast.membership.pk}"' in page
    assert f'value="{stranger.pk}"' not in page
    answer = client.post(step(draft, "who"), {"membership": stranger.pk})
    assert answer.status_code == 422


def test_a_diagnosis_is_searched_without_scripts(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    client.post(step(draft, "who"), typed(cast)["who"])
    page = client.get(step(draft, "diagnosis"), {"q": "thyroid cancer"}).content.decode()
    assert "C73" in page
    assert 'type="radio"' in page
    assert "in the plan&#x27;s list" in page
    nothing = client.get(step(draft, "diagnosis"), {"q": "qqqq"}).content.decode()
    assert "Nothing was found for “qqqq”" in nothing


def test_the_code_on_the_report_finds_the_illness_and_is_kept(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    page = client.get(step(draft, "diagnosis"), {"q": "C50.911"}).content.decode()
    assert 'value="C50.9"' in page
    assert "for C50.911" in page
    for name, given in (typed(cast) | {"diagnosis": {"q": "C50.911", "icd10": "C50.9"}}).items():
        client.post(step(draft, name), given)
    assert "given as C50.911" in client.get(step(draft, "check")).content.decode()
    client.post(step(draft, "check"))
    claim = Claim.objects.get()
    assert (claim.icd10, claim.icd10_given) == ("C50.9", "C50.911")
    assert "given as C50.911" in client.get(reverse("claim_detail", args=[claim.ref])).content.decode()


def test_another_search_s_text_is_no_code_of_the_report(client: Client, cast: Cast) -> None:
    draft = begun(client, cast)
    for searched in ("breast", "C50.9"):
        client.post(step(draft, "diagnosis"), {"q": searched, "icd10": "C50.9"})
        assert ClaimDraft.objects.get().answers["diagnosis"] == {"icd10": "C50.9"}


def test_the_search_is_a_piece_for_scripts_and_a_page_without(client: Client, cast: Cast) -> None:
    address = reverse("icd10_search")
    assert client.get(address).status_code == 302
    for user in cast.by_role().values():
        if user is not None:
            client.force_login(user)
            assert client.get(address, {"q": "C50"}).status_code == 200
    piece = client.get(address, {"q": "breast cancer"}, headers={"hx-request": "true"}).content.decode()
    assert 'name="icd10"' in piece
    assert "<html" not in piece
    page = client.get(address, {"q": "breast cancer"}).content.decode()
    assert "<html" in page
    assert "C50" in page
    assert "<script>x" not in client.get(address, {"q": "<script>x"}).content.decode()
