"""A member's claims: list, detail, withdrawing, papers, the word for the draw."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from adjudication.models import Claim
from adjudication.services.hearings import open_hearing
from audit import clock
from audit.actors import SYSTEM
from audit.services import publish
from jury.models import Juror
from members.models import User
from tests.adjudication.making import PDF, investigated_claim, make_claim, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user, make_version_from, plan_file

OWN_PAGES = ("claim_detail", "claim_withdraw", "claim_papers", "claim_nonce", "claim_answer")


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_claims_pages_are_its_members_alone(client: Client, cast: Cast, name: str) -> None:
    claim = make_claim(cast.membership, cast.member)
    address = reverse(name, args=[claim.ref])
    assert client.get(address).status_code == 302
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        assert client.get(address).status_code == (200 if role == "member" else 404), role


def test_the_list_shows_each_member_their_own(client: Client, cast: Cast) -> None:
    address = reverse("claim_list")
    assert client.get(address).status_code == 302
    claim = make_claim(cast.membership, cast.member)
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        page = client.get(address)
        assert page.status_code == 200
        assert (claim.ref in page.content.decode()) is (role == "member"), role


def test_an_empty_list_says_what_will_appear(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    assert "appears here as soon as you send it" in client.get(reverse("claim_list")).content.decode()


def family_claim(cast: Cast, number: int) -> Claim:
    child = make_person(f"Child {number}", dt.date(2015, 1, number), payer=cast.membership.person)
    return make_claim(make_membership(cast.plan, child), cast.member)


def test_the_list_costs_the_same_for_one_and_for_three(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.member)
    family_claim(cast, 1)
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("claim_list"))
    for number in (2, 3):
        family_claim(cast, number)
    with django_assert_num_queries(len(one)):
        page = client.get(reverse("claim_list"))
    assert len(page.context["rows"]) == 3


def test_a_claim_shows_its_state(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    page = client.get(reverse("claim_detail", args=[claim.ref])).content.decode()
    for said in (
        "Waiting for an investigator",
        "Claim filed",
        "Breast",
        "Ruijin Hospital",
        "A lump was found in spring.",
        "Waiting period over",
        "Not known yet",
        reverse("claim_withdraw", args=[claim.ref]),
        reverse("claim_papers", args=[claim.ref]),
    ):
        assert said in page, said


def test_a_clause_that_is_not_met_is_shown_with_its_reason(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member, icd10="J00")
    client.force_login(cast.member)
    page = client.get(reverse("claim_detail", args=[claim.ref])).content.decode()
    assert "Not met" in page
    assert "The plan covers no condition with the code J00." in page


def test_a_rejected_claim_is_never_shown_as_in_progress(client: Client, db: None) -> None:
    source = plan_file("xhb-2020-01-01").replace("failed_clause_rejects = false", "failed_clause_rejects = true")
    version = make_version_from(source)
    member = make_user()
    claim = make_claim(make_membership(version.plan, make_person(user=member)), member, icd10="J00")
    client.force_login(member)
    for address in (reverse("claim_list"), reverse("claim_detail", args=[claim.ref])):
        page = client.get(address).content.decode()
        assert "Rejected" in page
        for wrong in ("in progress", "In progress", "Under investigation", "Waiting for an investigator", "Submitted"):
            assert wrong not in page, wrong
    assert "The plan does not cover this condition." in page
    assert reverse("claim_withdraw", args=[claim.ref]) not in page


def test_withdrawing_asks_first(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    address = reverse("claim_withdraw", args=[claim.ref])
    client.force_login(cast.member)
    assert "Withdraw the claim?" in client.get(address).content.decode()
    assert Claim.objects.get(pk=claim.pk).status == "submitted"
    answer = client.post(address, follow=True)
    assert f"Claim {claim.ref} is withdrawn." in answer.content.decode()
    assert Claim.objects.get(pk=claim.pk).status == "withdrawn"
    again = client.post(address)
    assert again.status_code == 409
    assert "nothing was changed" in again.content.decode()


@pytest.mark.parametrize("role", ["outsider", "investigator", "reviewer"])
def test_nobody_else_withdraws(client: Client, cast: Cast, role: str) -> None:
    claim = make_claim(cast.membership, cast.member)
    user = cast.by_role()[role]
    assert isinstance(user, User)
    client.force_login(user)
    assert client.post(reverse("claim_withdraw", args=[claim.ref])).status_code == 404
    assert Claim.objects.get(pk=claim.pk).status == "submitted"


def test_papers_are_added_until_the_report_is_signed(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    address = reverse("claim_papers", args=[claim.ref])
    client.force_login(cast.member)
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", PDF)]
    answer = client.post(address, {"kind": "bill", "title": "", "papers": files}, follow=True)
    assert "Your papers were added." in answer.content.decode()
    assert sorted(paper.title for paper in claim.evidence.all()) == ["a.pdf", "b.pdf"]
    disguised = [SimpleUploadedFile("c.pdf", PDF), SimpleUploadedFile("d.pdf", b"MZ\x90\x00")]
    refused = client.post(address, {"kind": "bill", "title": "Bills", "papers": disguised})
    assert refused.status_code == 409
    assert "does not match its name" in refused.content.decode()
    assert 'value="Bills"' in refused.content.decode()
    assert claim.evidence.count() == 2
    assert client.post(address, {"kind": "bill", "title": ""}).status_code == 422


def test_frozen_evidence_takes_no_paper(client: Client, cast: Cast) -> None:
    claim = investigated_claim(cast)
    address = reverse("claim_papers", args=[claim.ref])
    client.force_login(cast.member)
    assert "nothing can be added now" in client.get(address).content.decode()
    answer = client.post(address, {"kind": "bill", "papers": [SimpleUploadedFile("a.pdf", PDF)]})
    assert answer.status_code == 409
    assert "is frozen" in answer.content.decode()
    assert claim.evidence.count() == 0


def hear(cast: Cast, claim: Claim) -> None:
    now = clock.now()
    membership = make_membership(cast.plan, make_person("Qian Duo"))
    Juror.objects.create(
        plan=cast.plan,
        number=1,
        person=membership.person,
        membership=membership,
        exam_passed_at=now,
        qualified_at=now,
    )
    open_hearing(claim_id=claim.pk, by=SYSTEM)


def test_the_word_is_given_once_while_the_draw_waits(client: Client, cast: Cast) -> None:
    claim = investigated_claim(cast)
    address = reverse("claim_nonce", args=[claim.ref])
    detail = reverse("claim_detail", args=[claim.ref])
    client.force_login(cast.member)
    assert "No draw is waiting for your word" in client.get(address).content.decode()
    assert client.post(address, {"word": "sesame"}).status_code == 409
    hear(cast, claim)
    assert address in client.get(detail).content.decode()
    assert client.post(address, {"word": ""}).status_code == 422
    refused = client.post(address, {"word": "sesame7"})
    assert refused.status_code == 409
    assert "the log has not sealed the announcement yet" in refused.content.decode()
    assert 'value="sesame7"' in refused.content.decode(), "what was typed stays"
    publish()
    answer = client.post(address, {"word": "sesame7"}, follow=True)
    assert "Your word is in the draw." in answer.content.decode()
    assert claim.hearings.get().panel.nonce == "sesame7"
    assert address not in client.get(detail).content.decode()
    assert client.post(address, {"word": "another"}).status_code == 409
    assert claim.hearings.get().panel.nonce == "sesame7"


def test_the_page_of_a_claim_is_in_chinese(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    client.force_login(cast.member)
    page = client.get(reverse("claim_detail", args=[claim.ref]), headers={"accept-language": "zh-hans"})
    assert "乳房恶性肿瘤" in page.content.decode() or "乳腺恶性肿瘤" in page.content.decode()
    assert "等待期已满" in page.content.decode()
