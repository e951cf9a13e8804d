"""What changed from one run of the clauses to the next, on every page that shows a claim."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.test import Client

from audit import clock
from members.models import Membership, User
from tests.adjudication.making import days_ago, make_claim
from tests.adjudication.trials import Trial, make_trial, small_cast
from tests.bent import bend_all

pytestmark = pytest.mark.django_db
AGAINST = {"recommendation": "against", "reason_codes": ["not_proved"]}
SECTION = re.compile(r"<h3>(?:When the rules were checked|何时核对规则).*?</ol>", re.DOTALL)


def words(client: Client, path: str, language: str = "en") -> str:
    """The part of the page about the runs, as a reader sees it."""
    text = client.get(path, headers={"accept-language": language}).content.decode()
    found = SECTION.search(text)
    assert found is not None, path
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def page_for(trial: Trial, role: str) -> tuple[User, str]:
    claim = trial.claim
    investigation = claim.investigations.latest("pk")
    return {
        "member": (trial.cast.member, f"/claims/{claim.ref}/"),
        "investigator": (trial.cast.investigator, f"/investigations/{investigation.pk}/"),
        "reviewer": (trial.cast.reviewer, f"/board/claims/{claim.ref}/"),
        "auditor": (trial.cast.auditor, f"/board/claims/{claim.ref}/"),
    }[role]


@pytest.fixture
def opined() -> Trial:
    """A tumour confirmed soon after the wait; the report found a suspicion inside it, the doctors no diagnosis."""
    cast = small_cast()
    joined_at = clock.now() - dt.timedelta(days=150)
    bend_all(Membership.objects.filter(pk=cast.membership.pk), joined_at=joined_at, waits_from=joined_at)
    cast.membership.refresh_from_db()
    report = {"recommendation": "against", "reason_codes": ["suspected_tumour"], "suspected_on": days_ago(70)}
    trial = make_trial(cast, jurors=3, report=report, first_diagnosed_on=days_ago(40))
    trial.draw()
    trial.vote("aas")
    trial.opine("no")
    return trial


@pytest.mark.parametrize("role", ["member", "investigator", "reviewer", "auditor"])
def test_each_occasion_shows_what_it_changed_with_both_sentences(client: Client, opined: Trial, role: str) -> None:
    user, path = page_for(opined, role)
    client.force_login(user)
    text = words(client, path)

    filed, report, opinion = (
        text.index(title) for title in ("The claim was filed", "The report was signed", "The second opinion was given")
    )
    assert filed < report < opinion
    assert "Clauses met: 12, not met: 0, not known yet: 2." in text[filed:report]
    told = text[report:opinion]
    assert "Not suspected while waiting : For the investigation to find → became Not met" in told
    assert "Before: Confirmed within 90 days after the end of the wait" in told
    assert "Now: Suspected or treated on" in told
    assert "Health statement true : For the investigation to find → became" not in told.split("Before")[0]
    assert "Condition covered : Met → became Not met" in text[opinion:]
    assert "The professionals do not find the diagnosis proved." in text[opinion:]


def test_it_reads_in_chinese(client: Client, opined: Trial) -> None:
    user, path = page_for(opined, "member")
    client.force_login(user)
    text = words(client, path, "zh-hans")
    assert "专业陪审员认为诊断未获证实。" in text
    assert "此前：" in text
    assert "已签署调查报告" in text
    assert not re.search(r"[A-Za-z]{4,}", text.replace(opined.claim.icd10, ""))


def test_a_run_that_changes_nothing_says_so(client: Client) -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("ssa")
    trial.opine("unsure")
    client.force_login(trial.cast.member)
    text = words(client, f"/claims/{trial.claim.ref}/")
    assert "Every clause said the same as before." in text[text.index("The second opinion was given") :]


def test_other_grounds_for_the_same_result_are_said_to_be_such(client: Client) -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("ssa")
    trial.opine("yes")
    client.force_login(trial.cast.reviewer)
    text = words(client, f"/board/claims/{trial.claim.ref}/")
    assert "Severity covered : Met as before, for other reasons" in text
    assert "The professionals find that the plan's definition is met in this severity." in text


def test_the_reviewer_who_issues_the_decision_sees_what_changed_since(client: Client) -> None:
    trial = make_trial(jurors=3, report=AGAINST)
    trial.draw()
    trial.vote("aaa")
    client.force_login(trial.cast.reviewer)
    path = f"/board/claims/{trial.claim.ref}/decision/"
    assert "Facts have changed" not in client.get(path).content.decode()
    left_at = clock.now() - dt.timedelta(days=41)
    Membership.objects.filter(pk=trial.cast.membership.pk).update(left_at=left_at, end_reason="left")
    text = client.get(path).content.decode()
    assert "Facts have changed" in text
    assert "came after the membership ended" in text
    assert "The person was not a member on the day of first diagnosis." in text


def test_the_api_shows_the_same(client: Client, opined: Trial) -> None:
    path = f"/api/v1/claims/{opined.claim.ref}/"
    for user in (opined.cast.member, opined.cast.investigator, opined.cast.reviewer):
        client.force_login(user)
        checks = client.get(path).json()["checks"]
        assert [one["occasion"] for one in checks] == ["submitted", "report_signed", "opinion_closed"]
        assert [one["outcome"] for one in checks] == ["undetermined", "not_eligible", "not_eligible"]
        assert checks[0]["changes"] == []
        change = next(one for one in checks[2]["changes"] if one["clause"] == "severity")
        assert (change["before"]["result"], change["after"]["result"]) == ("met", "not_met")
        assert change["after"]["zh"].endswith("专业陪审员认为不符合本计划对该轻重程度的定义。")


def test_a_user_who_only_sees_it_on_the_worklist_sees_no_runs(client: Client) -> None:
    cast = small_cast()
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.other_investigator)
    assert client.get(f"/api/v1/claims/{claim.ref}/").json()["checks"] == []
