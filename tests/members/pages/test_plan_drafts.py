"""The pages of plan drafts: reviewers write, propose and publish; auditors read; nobody else comes in."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import PlanDraft, PlanVersion, User
from members.services.plan_drafts import propose_draft, send_back_draft, start_draft
from tests.cast import Cast
from tests.factories import make_plan_version, make_user, make_version_from, plan_file
from tests.members.services.test_plan_drafts import next_version

pytestmark = pytest.mark.django_db
LIST = "/board/plans/drafts/"
START = "/board/plans/drafts/new/"


def page_of(draft: PlanDraft, act: str = "") -> str:
    return f"/board/plans/drafts/{draft.pk}/" + (f"{act}/" if act else "")


def as_(client: Client, user: User | None) -> Client:
    client.logout()
    if user is not None:
        client.force_login(user)
    return client


def proposed(cast: Cast) -> PlanDraft:
    draft = start_draft(based_on=cast.version, source=next_version(), by=cast.reviewer)
    return propose_draft(draft_id=draft.pk, revision=1, by=cast.reviewer)


ACTS = ("edit", "propose", "send-back", "publish", "withdraw")


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional", "auditor"])
def test_who_comes_in(client: Client, cast: Cast, role: str) -> None:
    draft = proposed(cast)
    as_(client, cast.by_role()[role])
    reads = 200 if role == "auditor" else 403
    assert client.get(LIST).status_code == reads
    assert client.get(page_of(draft)).status_code == reads
    assert client.get(START).status_code == 403
    for act in ACTS:
        assert client.get(page_of(draft, act)).status_code == 403
        assert client.post(page_of(draft, act), {"revision": 1}).status_code == 403
    assert PlanDraft.objects.get().status == "proposed"
    if role == "auditor":
        text = client.get(page_of(draft)).content.decode()
        assert "Confirm and publish" not in text
        assert "Begin a draft" not in client.get(LIST).content.decode()


def test_strangers_are_sent_to_the_log_in(client: Client, cast: Cast) -> None:
    response = client.get(LIST)
    assert response.status_code == 302
    assert "/accounts/login" in response["Location"]


def test_from_the_last_version_to_publication_by_two(client: Client, cast: Cast) -> None:
    make_plan_version("xhb-2019-01-01")
    as_(client, cast.reviewer)
    start = client.get(START).content.decode()
    assert "xhb 2020-01-01" in start
    assert "xhb 2019-01-01" not in start
    begun = client.post(START, {"based_on": cast.version.pk})
    draft = PlanDraft.objects.get()
    assert begun["Location"] == page_of(draft, "edit")
    shown = client.get(page_of(draft, "edit")).content.decode()
    assert "grace_days = 14" in shown

    saved = client.post(page_of(draft, "edit"), {"source": next_version().replace("\n", "\r\n"), "revision": 1})
    assert saved["Location"] == page_of(draft)
    text = client.get(page_of(draft)).content.decode()
    assert "What changes against version 2020-01-01" in text
    assert "Management fee" in text
    assert "管理费" in text
    assert "10 %" in text

    asked = client.get(page_of(draft, "propose")).content.decode()
    assert "Propose draft" in asked
    client.post(page_of(draft, "propose"), {"revision": 2})
    assert "Another reviewer has to confirm it" in client.get(page_of(draft)).content.decode()
    assert "Waiting for you" not in client.get(LIST).content.decode()

    as_(client, cast.other_reviewer)
    assert "Waiting for you" in client.get(LIST).content.decode()
    assert "Management fee" in client.get(page_of(draft, "publish")).content.decode()
    done = client.post(page_of(draft, "publish"), {"revision": 2}, follow=True)
    assert "Version 2990-01-01 of plan xhb is published." in done.content.decode()
    assert PlanVersion.objects.get(label="2990-01-01").rules.fee_bp == 1000
    assert "What it would have decided" not in client.get(page_of(draft)).content.decode()


def test_the_proposal_waits_on_the_start_page_of_every_other_reviewer(client: Client, cast: Cast) -> None:
    draft = proposed(cast)
    waits = "Publish the new rules of plan xhb, or send them back"
    assert waits not in as_(client, cast.reviewer).get("/home/").content.decode()
    assert waits not in as_(client, cast.auditor).get("/home/").content.decode()
    other = as_(client, make_user("second@test.example", "reviewer")).get("/home/").content.decode()
    assert waits in other
    assert f'href="/board/plans/drafts/{draft.pk}/"' in other


def test_the_proposer_finds_no_button_and_is_refused(client: Client, cast: Cast) -> None:
    draft = proposed(cast)
    as_(client, cast.reviewer)
    page = client.get(page_of(draft, "publish")).content.decode()
    assert "Another reviewer has to confirm it" in page
    assert "Confirm and publish" not in page
    refused = client.post(page_of(draft, "publish"), {"revision": 1})
    assert refused.status_code == 403
    assert "it takes two reviewers" in refused.content.decode()
    assert PlanVersion.objects.count() == 1


def test_a_wrong_text_is_kept_and_its_problems_are_listed(client: Client, cast: Cast) -> None:
    draft = start_draft(based_on=cast.version, by=cast.reviewer)
    as_(client, cast.reviewer)
    typed = next_version().replace("grace_days = 14", "grace_days = 400").replace("seats = 7", "seats = 6")
    saved = client.post(page_of(draft, "edit"), {"source": typed, "revision": 1}, follow=True)
    text = saved.content.decode()
    assert saved.redirect_chain[-1][0] == page_of(draft, "edit")
    line = next(n for n, one in enumerate(typed.splitlines(), 1) if one == "grace_days = 400")
    assert f'<td class="num" data-label="Line">{line}</td>' in text
    assert "arrears.grace_days" in text
    assert "a whole number from 0 to 365" in text
    assert "jury.seats" in text
    assert "grace_days = 400" in text
    assert "Propose…" not in client.get(page_of(draft)).content.decode()
    refused = client.post(page_of(draft, "propose"), {"revision": 2})
    assert refused.status_code == 400
    assert f"xhb.toml, line {line}" not in refused.content.decode()  # the first problem is the jury's
    assert "xhb.toml, line" in refused.content.decode()


def test_text_that_looks_like_a_page_stays_text(client: Client, cast: Cast) -> None:
    as_(client, cast.reviewer)
    client.post(START, {"source": "<script>alert(1)</script>"})
    draft = PlanDraft.objects.get()
    for act in ("", "edit"):
        text = client.get(page_of(draft, act)).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_file_takes_the_place_of_the_text(client: Client, cast: Cast) -> None:
    as_(client, cast.reviewer)
    file = SimpleUploadedFile("plan.toml", next_version().encode())
    client.post(START, {"file": file, "source": "something else"})
    assert PlanDraft.objects.get().source == next_version()
    wrong = client.post(START, {"file": SimpleUploadedFile("plan.toml", b"\xff\xfe\x00x")})
    assert wrong.status_code == 422
    assert "UTF-8" in wrong.content.decode()
    nothing = client.post(START, {})
    assert nothing.status_code == 400
    assert "There is no text" in nothing.content.decode()
    assert PlanDraft.objects.count() == 1


def test_two_reviewers_write_at_once_and_the_second_is_told(client: Client, cast: Cast) -> None:
    draft = start_draft(based_on=cast.version, by=cast.reviewer)
    as_(client, cast.reviewer).post(page_of(draft, "edit"), {"source": next_version(), "revision": 1})
    mine = next_version(fee="9 %")
    refused = as_(client, cast.other_reviewer).post(page_of(draft, "edit"), {"source": mine, "revision": 1})
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "Somebody saved another text" in text
    assert "fee = &quot;9 %&quot;" in text
    assert PlanDraft.objects.get().source == next_version()


def test_what_is_confirmed_is_what_was_read(client: Client, cast: Cast) -> None:
    draft = proposed(cast)
    send_back_draft(draft_id=draft.pk, remark="", by=cast.reviewer)
    as_(client, cast.reviewer).post(page_of(draft, "edit"), {"source": next_version(fee="50 %"), "revision": 1})
    client.post(page_of(draft, "propose"), {"revision": 2})
    refused = as_(client, cast.other_reviewer).post(page_of(draft, "publish"), {"revision": 1})
    assert refused.status_code == 409
    assert PlanVersion.objects.count() == 1


def test_sent_back_with_a_word_and_withdrawn(client: Client, cast: Cast) -> None:
    draft = proposed(cast)
    as_(client, cast.other_reviewer)
    assert client.post(page_of(draft, "send-back"), {"remark": ""}).status_code == 422
    client.post(page_of(draft, "send-back"), {"remark": "Why ten percent?"})
    for act in ("", "edit"):
        assert "Why ten percent?" in client.get(page_of(draft, act)).content.decode()
    assert client.get(page_of(draft, "withdraw")).status_code == 200
    client.post(page_of(draft, "withdraw"), {"revision": 1})
    assert PlanDraft.objects.get().status == "withdrawn"
    for act in ACTS:
        closed = client.get(page_of(draft, act)).content.decode()
        assert "is withdrawn" in closed
        assert '<form class="form"' not in closed
        assert client.post(page_of(draft, act), {"revision": 1, "source": "x", "remark": "x"}).status_code == 409


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_for_any_number(client: Client, cast: Cast, number: int) -> None:
    for _each in range(number):
        proposed(cast)
    as_(client, cast.other_reviewer).get(LIST)
    with CaptureQueriesContext(connection) as seen:
        client.get(LIST)
    assert len(seen) == 9, "one of them counts the unread messages for the header"


def test_there_is_no_such_draft(client: Client, cast: Cast) -> None:
    assert as_(client, cast.reviewer).get("/board/plans/drafts/999/").status_code == 404


def test_anybody_reads_what_changed_between_two_versions(client: Client, cast: Cast) -> None:
    make_plan_version("xhb-2018-11-27")
    make_plan_version("xhb-2019-01-01")
    text = client.get("/plans/xhb/differences/").content.decode()
    assert "From version 2019-01-01 to 2020-01-01" in text
    assert "Gaucher disease or Fabry disease (E75.2)" in text
    assert "戈谢病或法布里病（E75.2）" in text
    older = client.get("/plans/xhb/differences/?before=2018-11-27&after=2019-01-01").content.decode()
    assert "¥188.00" in older
    assert "Gaucher" not in older
    assert "Nothing changes" in client.get("/plans/xhb/differences/?before=2020-01-01").content.decode()
    assert client.get("/plans/xhb/differences/?after=1999-01-01").status_code == 404
    assert client.get("/plans/none/differences/").status_code == 404
    assert "/plans/xhb/differences/" in client.get("/plans/xhb/").content.decode()


def test_a_first_version_differs_from_nothing(client: Client) -> None:
    make_version_from(plan_file("xhb-senior-2019-05-01"))
    assert "Nothing changes" in client.get("/plans/xhb-senior/differences/").content.decode()
