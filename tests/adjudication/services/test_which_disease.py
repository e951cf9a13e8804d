"""One code for several diseases: nothing is paid before it is known which one it is, and that it is covered."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from adjudication.errors.claims import DiseaseUnfit
from adjudication.errors.findings import DiseaseNotAsked, FactValueUnfit
from adjudication.models import Claim, ClaimDraft
from adjudication.selectors.decisions import aid_at_stake
from adjudication.selectors.facts import counting_facts
from adjudication.selectors.findings import fact_rows, facts_to_find
from adjudication.services.drafts import save_step, start_draft
from members.rules.eligibility import Trace
from tests.adjudication.making import claim_facts, days_ago, make_claim, record_all, signed, taken
from tests.adjudication.making import found as find
from tests.adjudication.trials import make_trial
from tests.bent import bend
from tests.cast import Cast
from tests.factories import make_version_from, plan_file

pytestmark = pytest.mark.django_db
SPHINGOLIPIDOSIS = "E75.2"


def rare(cast: Cast, **changed: Any) -> Claim:
    return make_claim(cast.membership, cast.member, icd10=SPHINGOLIPIDOSIS, **changed)


def clause_of(claim: Claim) -> tuple[str, str]:
    """What the clause on the condition says in the last check: its result, and the disease it names."""
    trace = Trace.from_json(claim.eligibility_checks.latest("pk").trace)
    [clause] = [one for one in trace.findings if one.clause == "condition_covered"]
    return clause.result.value, str(clause.values.get("disease", ""))


@pytest.mark.parametrize(
    ("stated", "result", "amount"),
    [
        ("", "unknown", None),
        ("gaucher_disease", "met", 10_000_000),
        ("fabry_disease", "met", 10_000_000),
        ("krabbe_disease", "not_met", None),
        ("other_sphingolipidosis", "not_met", None),
    ],
)
def test_what_is_stated_decides_the_clause_and_the_amount(
    cast: Cast, stated: str, result: str, amount: int | None
) -> None:
    claim = rare(cast, disease=stated)
    assert claim.disease == stated
    assert clause_of(claim) == (result, stated)
    assert aid_at_stake(claim) == amount


def test_what_the_investigator_finds_counts_before_what_is_stated(cast: Cast) -> None:
    claim = rare(cast, disease="gaucher_disease")
    investigation = taken(claim, cast.investigator)
    find(investigation, "disease", "krabbe_disease")
    assert (clause_of(claim), aid_at_stake(claim)) == (("not_met", "krabbe_disease"), None)
    find(investigation, "disease", standing="withdrawn")
    assert (clause_of(claim), aid_at_stake(claim)) == (("met", "gaucher_disease"), 10_000_000)
    find(investigation, "disease")
    assert (clause_of(claim), aid_at_stake(claim)) == (("not_met", ""), None), "not proven which one it is"


def test_an_answer_for_another_code_says_nothing_of_the_one_that_is_found(cast: Cast) -> None:
    claim = rare(cast, disease="gaucher_disease")
    investigation = taken(claim, cast.investigator)
    find(investigation, "icd10", "E74.0")
    assert (clause_of(claim)[0], aid_at_stake(claim)) == ("unknown", None)
    with pytest.raises(FactValueUnfit, match="pompe_disease"):
        find(investigation, "disease", "gaucher_disease")
    find(investigation, "disease", "pompe_disease")
    assert (clause_of(claim), aid_at_stake(claim)) == (("met", "pompe_disease"), 10_000_000)


def test_a_code_that_is_enough_is_not_asked(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member, disease="gaucher_disease")
    assert claim.disease == "", "the plan does not ask it of this code"
    investigation = taken(claim, cast.investigator)
    assert "disease" not in [row.name for row in fact_rows(claim)]
    assert "disease" not in dict(facts_to_find(claim))
    with pytest.raises(DiseaseNotAsked, match="C50"):
        find(investigation, "disease", "gaucher_disease")


def test_rules_that_did_not_ask_do_not_ask_now(cast: Cast) -> None:
    source = plan_file("xhb-2020-01-01")
    begin = source.index("[covered.asks]")
    end = source.index("[[covered]]", begin)
    without = (source[:begin] + source[end:]).replace('code = "xhb"', 'code = "earlier"')
    version = make_version_from(without)
    assert version.rules.covered[-4].asks is None
    cast.membership.plan = version.plan
    bend(cast.membership)
    claim = rare(cast)
    assert (clause_of(claim)[0], aid_at_stake(claim)) == ("met", 10_000_000)


def test_what_the_plan_does_not_know_is_refused(cast: Cast) -> None:
    with pytest.raises(DiseaseUnfit, match="gaucher_disease, fabry_disease"):
        rare(cast, disease="pompe_disease")


def test_the_majority_of_the_doctors_counts_before_all_others() -> None:
    trial = make_trial(jurors=11, icd10=SPHINGOLIPIDOSIS, disease="gaucher_disease")
    trial.draw()
    assert trial.vote("ssa") == "second_opinion"
    found = {"disease": "fabry_disease"}
    trial.opine("yes", found, found, {"disease": "krabbe_disease"})
    assert counting_facts(trial.claim).disease == "fabry_disease"
    assert aid_at_stake(trial.claim) == 30_000_000
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor) == ("approved", 30_000_000)


def test_doctors_who_find_one_that_is_not_covered_confirm_nothing() -> None:
    trial = make_trial(jurors=11, icd10=SPHINGOLIPIDOSIS, disease="gaucher_disease")
    trial.draw()
    trial.vote("ssa")
    trial.opine("yes", {"disease": "krabbe_disease"}, {"disease": "krabbe_disease"})
    assert trial.claim.hearings.earliest("round").conclusion == "not_confirmed"
    assert aid_at_stake(trial.claim) is None


def test_the_facts_are_shown_in_the_words_of_the_plan(client: Client, cast: Cast) -> None:
    claim = rare(cast)
    investigation = taken(claim, cast.investigator)
    client.force_login(cast.investigator)
    address = reverse("fact_record", args=[investigation.pk, "disease"])
    page = client.get(address).content.decode()
    assert "Which disease of the stored fats (sphingolipidosis) is it?" in page
    assert "Krabbe disease" in page
    duty = client.get(reverse("duty_edit", args=[investigation.pk, "treating_hospitals"])).content.decode()
    assert address in duty
    given = {"standing": "found", "value": "fabry_disease", "learned": "duty:treating_hospitals", "note": "Gene test."}
    answer = client.post(address, given | {"confidence": "certain"})
    assert answer.status_code == 302, answer.content.decode()
    client.force_login(cast.member)
    assert "Fabry disease" in client.get(reverse("claim_facts", args=[claim.ref])).content.decode()
    chinese = client.get(reverse("claim_facts", args=[claim.ref]), headers={"accept-language": "zh-hans"})
    assert "法布里病" in chinese.content.decode()


def test_the_doctors_are_asked_where_the_plan_asks(client: Client) -> None:
    trial = make_trial(jurors=11, icd10=SPHINGOLIPIDOSIS, disease="gaucher_disease")
    trial.draw()
    trial.vote("ssa")
    opinion = trial.request.opinions.first()
    assert opinion is not None
    client.force_login(opinion.professional)
    page = client.get(reverse("opinion_detail", args=[opinion.pk])).content.decode()
    assert "Which disease of the stored fats (sphingolipidosis) is it?" in page
    assert 'value="krabbe_disease"' in page


def draft_with(cast: Cast, **diagnosis: Any) -> ClaimDraft:
    draft = start_draft(by=cast.member)
    save_step(draft_id=draft.pk, step="who", answers={"membership": cast.membership.pk}, by=cast.member)
    return save_step(draft_id=draft.pk, step="diagnosis", answers=diagnosis, by=cast.member)


def test_the_form_asks_in_plain_words_and_takes_no_answer_for_an_answer(client: Client, cast: Cast) -> None:
    draft = draft_with(cast, icd10=SPHINGOLIPIDOSIS)
    client.force_login(cast.member)
    address = reverse("claim_draft", args=[draft.pk, "illness"])
    assert "I do not know. The investigation will find out" in client.get(address).content.decode()
    typed = {"severity": "severe", "is_accident": "no"}
    refused = client.post(address, typed)
    assert refused.status_code == 422
    assert "Choose which disease it is, or that you do not know." in refused.content.decode()
    client.post(address, typed | {"disease": "not_known"})
    draft.refresh_from_db()
    assert draft.answers["illness"]["disease"] == ""
    client.post(address, typed | {"disease": "gaucher_disease"})
    assert "Gaucher disease" in client.get(reverse("claim_draft", args=[draft.pk, "check"])).content.decode()


def test_another_code_is_asked_again(cast: Cast) -> None:
    draft = draft_with(cast, icd10=SPHINGOLIPIDOSIS)
    given = {"severity": "severe", "is_accident": False, "disease": "gaucher_disease"}
    draft = save_step(draft_id=draft.pk, step="illness", answers=given, by=cast.member)
    draft = save_step(draft_id=draft.pk, step="diagnosis", answers={"icd10": SPHINGOLIPIDOSIS}, by=cast.member)
    assert draft.answers["illness"]["disease"] == "gaucher_disease", "the same code changes nothing"
    draft = save_step(draft_id=draft.pk, step="diagnosis", answers={"icd10": "E74.0"}, by=cast.member)
    assert "illness" not in draft.answers


def test_over_the_api(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    facts = claim_facts(cast.membership, icd10=SPHINGOLIPIDOSIS, disease="fabry_disease")
    given = facts | {"membership": cast.membership.pk, "first_diagnosed_on": days_ago(30).isoformat()}
    answer = client.post("/api/v1/claims/", given, content_type="application/json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["disease"] == "fabry_disease"
    [fact] = [one for one in answer.json()["facts"] if one["fact"] == "disease"]
    assert (fact["stated"], fact["value"]) == ("fabry_disease", "fabry_disease")


def test_is_it_covered_depends_on_which(client: Client, cast: Cast) -> None:
    page = client.get("/plans/xhb/", {"illness": SPHINGOLIPIDOSIS}).content.decode()
    assert "depends on which" in page
    cover = client.get(f"/api/v1/plan-versions/{cast.version.pk}/cover/", {"illness": SPHINGOLIPIDOSIS}).json()
    answers = {one["code"]: one["is_covered"] for one in cover[0]["depends_on"]["answers"]}
    assert (answers["gaucher_disease"], answers["krabbe_disease"]) == (True, False)
    other = client.get(f"/api/v1/plan-versions/{cast.version.pk}/cover/", {"illness": "I63.9"}).json()
    assert other[0]["depends_on"] is None


def test_a_report_signed_without_it_leaves_the_clause_open(cast: Cast) -> None:
    claim = rare(cast)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator, recommendation="against", reason_codes=["not_proved"])
    assert clause_of(Claim.objects.get(pk=claim.pk))[0] == "unknown"
    assert "must be found" in str(claim.eligibility_checks.latest("pk").trace)
