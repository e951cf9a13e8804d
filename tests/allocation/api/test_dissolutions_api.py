"""The end of plans over the API: what is certain is public, proposals are for the desk, reviewers act."""

from __future__ import annotations

from rest_framework.test import APIClient

from members.models import Dissolution, User
from tests.allocation.stage import Stage
from tests.factories import make_user

ENDS = "/api/v1/dissolutions/"


def signed_in(user: User | None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


def test_a_period_and_its_preview_say_what_too_few_members_mean(stage: Stage) -> None:
    preview = signed_in(stage.cast.reviewer).get("/api/v1/periods/preview/", {"plan": "xhb"}).json()
    assert preview["threshold"]["members_needed"] == 3_300_000
    period = stage.noticed()
    [listed] = signed_in(None).get("/api/v1/periods/").json()["results"]
    assert (listed["members_needed"], listed["share_unit_minor"]) == (3_300_000, 1)
    assert listed["below_since"] == str(period.notice_on)
    assert listed["plan_ends_on"] == str(period.plan_ends_on) == preview["threshold"]["plan_ends_on"]


def test_the_rules_of_a_version_say_who_bears_what(stage: Stage) -> None:
    found = signed_in(None).get(f"/api/v1/plan-versions/{stage.cast.version.pk}/").json()["rules"]
    assert found["sponsor"]["name"]["zh"] == "相互宝运营方"
    assert found["sponsor"]["bears"] == ["case_cap_excess", "gifts", "refunds", "written_off", "after_dissolution"]
    assert (found["share_unit_minor"], found["share_rounding"]) == (1, "up")
    assert found["dissolution"] == {
        "below_members": 3_300_000,
        "then": "continues",
        "cover_months": 12,
        "surplus_to": "members",
        "charity": None,
    }


def test_from_the_proposal_to_what_everybody_reads(stage: Stage) -> None:
    first, second = make_user(None, "reviewer"), make_user(None, "reviewer")
    assert signed_in(first).post(f"{ENDS}propose/", {"plan": "xhb"}).status_code == 409
    period = stage.charged()
    made = signed_in(first).post(f"{ENDS}propose/", {"plan": "xhb"})
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["members"]) == ("proposed", period.members)
    one = f"{ENDS}{made.json()['id']}/"
    assert signed_in(None).get(ENDS).json()["results"] == []
    assert signed_in(None).get(one).status_code == 404
    assert len(signed_in(stage.cast.auditor).get(ENDS).json()["results"]) == 1

    own = signed_in(first).post(f"{one}confirm/")
    assert (own.status_code, own.json()["code"]) == (403, "OwnProposal")
    done = signed_in(second).post(f"{one}confirm/").json()
    assert (done["status"], done["ends_on"]) == ("confirmed", str(period.plan_ends_on))
    [public] = signed_in(None).get(ENDS).json()["results"]
    assert public == done
    assert "proposed_by" not in public
    again = signed_in(second).post(f"{one}withdraw/")
    assert (again.status_code, again.json()["code"]) == (409, "DissolutionNotProposed")


def test_a_proposal_is_taken_back(stage: Stage) -> None:
    first = make_user(None, "reviewer")
    stage.charged()
    made = signed_in(first).post(f"{ENDS}propose/", {"plan": "xhb"}).json()
    assert signed_in(first).post(f"{ENDS}{made['id']}/withdraw/").json()["status"] == "withdrawn"
    assert signed_in(first).post(f"{ENDS}propose/", {"plan": "xhb"}).status_code == 201


def test_only_reviewers_act(stage: Stage) -> None:
    stage.charged()
    made = signed_in(make_user(None, "reviewer")).post(f"{ENDS}propose/", {"plan": "xhb"}).json()
    for user in (stage.cast.auditor, stage.cast.member, stage.cast.outsider, None):
        api = signed_in(user)
        for path in (f"{ENDS}propose/", f"{ENDS}{made['id']}/confirm/", f"{ENDS}{made['id']}/withdraw/"):
            assert api.post(path, {"plan": "xhb"}).status_code in {401, 403}
    assert Dissolution.objects.get().status == "proposed"


def test_nobody_joins_over_the_api(stage: Stage) -> None:
    stage.charged()
    found = signed_in(make_user(None, "reviewer")).post(f"{ENDS}propose/", {"plan": "xhb"}).json()
    signed_in(make_user(None, "reviewer")).post(f"{ENDS}{found['id']}/confirm/")
    answers = dict.fromkeys(("medicine_30_days", "hospital_15_days", "covered_condition", "open_examination"), False)
    person = {"name": "Li Na", "born_on": "1990-01-02"}
    refused = signed_in(stage.cast.outsider).post(
        "/api/v1/plans/xhb/join/", {"new_person": person, "health_answers": answers}, format="json"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "PlanDissolving")
