"""Professionals find facts: the majority counts fact by fact, the amount follows, and other facts can be confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from adjudication.errors.findings import FactUnknown, FactValueUnfit, FindingIncomplete
from adjudication.models import Finding
from adjudication.selectors.decisions import aid_at_stake
from adjudication.selectors.facts import counting_facts, facts_of
from adjudication.services.advancing import advance_claim
from adjudication.services.opinions import give_opinion
from audit.errors import DomainError
from audit.models import Entry
from jury.models import Opinion
from members.errors.codes import UnknownCode
from tests.adjudication.making import days_ago
from tests.adjudication.trials import Trial, make_trial, small_cast

pytestmark = pytest.mark.django_db
MILD, SEVERE = {"severity": "mild"}, {"severity": "severe"}


def at_doctors(**facts: Any) -> Trial:
    """A narrow vote for the claim: three doctors are asked."""
    trial = make_trial(jurors=11, **facts)
    trial.draw()
    assert trial.vote("ssa") == "second_opinion"
    return trial


def test_three_doctors_who_find_a_mild_form_confirm_it_and_the_mild_aid_is_paid() -> None:
    trial = at_doctors()
    trial.opine("yes", MILD, definition_met="no")
    hearing = trial.hearing
    assert (trial.request.conclusion, hearing.conclusion) == ("not_confirmed", "confirmed")
    assert aid_at_stake(trial.claim) == 5_000_000
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor) == ("approved", 5_000_000)
    assert decision.basis["opinion"] == "confirmed"
    finding = Finding.objects.get()
    assert (finding.source, finding.value, finding.confidence, finding.found_by) == (
        "opinion",
        "mild",
        "probable",
        None,
    )
    assert facts_of(trial.claim).sources == {"severity": f"opinion:{finding.pk}"}


@pytest.mark.parametrize(
    "facts",
    [(MILD, SEVERE, {}), (MILD, {}, {}), ({}, {}, {})],
    ids=["a tie", "one of three", "nobody"],
)
def test_a_tie_finds_nothing_and_the_answers_stand(facts: tuple[dict[str, str], ...]) -> None:
    trial = at_doctors()
    assert trial.opine("yes", *facts, definition_met="no") == "jury_review", "a fresh panel"
    assert not Finding.objects.exists()
    assert trial.claim.hearings.earliest("round").conclusion == ""


def test_the_majority_is_taken_fact_by_fact() -> None:
    trial = at_doctors()
    day = days_ago(45).isoformat()
    trial.opine("yes", MILD | {"icd10": "C73"}, {"first_diagnosed_on": day}, MILD | {"first_diagnosed_on": day})
    facts = counting_facts(trial.claim)
    assert (facts.severity, facts.icd10, facts.first_diagnosed_on) == ("mild", "C50.9", days_ago(45))


def test_a_no_that_no_fact_explains_stays_a_no() -> None:
    trial = at_doctors()
    trial.opine("no", MILD)
    assert trial.claim.hearings.earliest("round").conclusion == "not_confirmed"


def test_facts_under_which_nothing_is_payable_confirm_nothing() -> None:
    trial = at_doctors(icd10="C73")
    assert trial.opine("yes", MILD, definition_met="no") == "jury_review", "a fresh panel"
    first = trial.claim.hearings.earliest("round")
    assert first.conclusion == "not_confirmed"
    assert trial.panel.case_file["aid_minor"] == 5_000_000
    assert [one["source"] for one in trial.panel.case_file["facts"]] == ["opinion"]


def test_what_is_not_proven_by_the_majority_counts_and_has_no_amount() -> None:
    trial = at_doctors()
    trial.opine("unsure", {"severity": "not_proven"})
    assert counting_facts(trial.claim).severity == ""
    assert aid_at_stake(trial.claim) is None


@pytest.mark.parametrize("fact", ["icd10", "first_diagnosed_on", "suspected_on", "cause"])
def test_a_majority_can_say_of_every_fact_that_it_is_not_proven(fact: str) -> None:
    trial = at_doctors()
    trial.opine("unsure", {fact: "not_proven"}, {fact: "not_proven"}, {"severity": "mild"})
    found = Finding.objects.get()
    assert (found.fact, found.standing, found.value) == (fact, "not_proven", "")
    counting = counting_facts(trial.claim)[fact]
    assert (counting.source, counting.value) == ("opinion", "")


def test_one_who_says_not_proven_is_no_majority() -> None:
    trial = at_doctors()
    trial.opine("unsure", {"icd10": "not_proven"}, {"icd10": "C50.9"}, {})
    assert not Finding.objects.exists()


def test_the_professionals_come_before_the_report() -> None:
    trial = at_doctors(findings=[("severity", "severe")])
    trial.opine("yes", MILD, definition_met="no")
    assert counting_facts(trial.claim).severity == "mild"


def test_it_is_recorded_once_with_entries_that_reveal_nothing() -> None:
    trial = at_doctors()
    trial.opine("yes", MILD, definition_met="no")
    for _ in range(3):
        advance_claim(claim_id=trial.claim.pk)
    assert Finding.objects.count() == 1
    weighed = Entry.objects.get(kind="opinion.weighed")
    assert weighed.body == {"round": 1, "findings": 1, "conclusion": "confirmed"}
    assert "mild" not in str(Entry.objects.get(kind="finding.recorded").body)


@pytest.mark.parametrize(
    ("facts", "confidence", "error"),
    [
        ({"weather": "fine"}, "certain", FactUnknown),
        ({"identity_proved": "yes"}, "certain", FactUnknown),
        ({"severity": "medium"}, "certain", FactValueUnfit),
        ({"icd10": "nothing"}, "certain", UnknownCode),
        (MILD, "", FindingIncomplete),
    ],
)
def test_what_is_refused_leaves_the_opinion_to_give(
    facts: dict[str, str], confidence: str, error: type[DomainError]
) -> None:
    trial = at_doctors()
    opinion = Opinion.objects.filter(request=trial.request).earliest("pk")
    with pytest.raises(error):
        give_opinion(
            opinion_id=opinion.pk,
            answers={question["code"]: "yes" for question in trial.request.questions},
            reasons="Seen.",
            facts=facts,
            confidence=confidence,
            by=opinion.professional,
        )
    assert Opinion.objects.get(pk=opinion.pk).given_at is None


def test_the_facts_of_a_given_opinion_are_encrypted_and_never_change() -> None:
    trial = at_doctors()
    trial.opine("yes", MILD, definition_met="no")
    with connection.cursor() as cursor:
        cursor.execute("select facts from jury_opinion limit 1")
        assert "mild" not in cursor.fetchone()[0]
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Opinion.objects.filter(request=trial.request).update(literature="Another book.")


def test_a_professional_gives_facts_on_the_page(client: Client) -> None:
    trial = at_doctors()
    client.force_login(trial.cast.professional)
    opinion = Opinion.objects.get(professional=trial.cast.professional)
    address = reverse("opinion_detail", args=[opinion.pk])
    page = client.get(address).content.decode()
    assert "A malignant tumour shown by pathology. Mild where" in page
    form = {f"answer-{question['code']}": "yes" for question in trial.request.questions} | {
        "reasons": "Stage I.", "fact-severity": "mild", "literature": "TNM, 8th edition.",
    }  # fmt: skip
    assert client.post(address, form | {"act": "send"}).status_code == 422, "how sure?"
    form["confidence"] = "certain"
    checked = client.post(address, form).content.decode()
    assert "Mild" in checked
    assert 'name="fact-severity" value="mild"' in checked
    wrong = client.post(address, form | {"fact-icd10": "C99.9", "act": "send"})
    assert "C99.9" in wrong.content.decode()
    assert Opinion.objects.get(pk=opinion.pk).given_at is None
    given = client.post(address, form | {"act": "send"}, follow=True).content.decode()
    assert "Mild" in given
    opinion.refresh_from_db()
    assert (opinion.facts, opinion.confidence, opinion.literature) == (MILD, "certain", "TNM, 8th edition.")


def test_a_professional_gives_facts_over_the_api(client: Client) -> None:
    trial = at_doctors()
    client.force_login(trial.cast.professional)
    opinion = Opinion.objects.get(professional=trial.cast.professional)
    body = {
        "answers": {question["code"]: "yes" for question in trial.request.questions},
        "reasons": "Stage I.", "facts": MILD, "confidence": "possible",
    }  # fmt: skip
    shown = client.post(reverse("api-opinion-give", args=[opinion.pk]), body, content_type="application/json").json()
    assert (shown["facts"], shown["confidence"]) == (MILD, "possible")


@pytest.mark.parametrize("sees", [True, False])
def test_professionals_read_medical_papers_where_the_plan_says_so_and_each_reading_is_recorded(
    client: Client, sees: bool
) -> None:
    cast = small_cast({} if sees else {"sees_papers = true": "sees_papers = false"})
    trial = make_trial(cast, jurors=3, papers=("diagnosis", "identity"))
    trial.draw()
    trial.vote("ssa")
    medical, identity = trial.claim.evidence.order_by("pk")
    client.force_login(cast.professional)
    page = client.get(reverse("opinion_detail", args=[Opinion.objects.get(professional=cast.professional).pk]))
    address = reverse("evidence_file", args=[medical.pk])
    assert (address in page.content.decode()) == sees
    assert client.get(address).status_code == (200 if sees else 404)
    assert client.get(reverse("evidence_file", args=[identity.pk])).status_code == 404
    viewed = Entry.objects.filter(kind="evidence.viewed", stream=trial.claim.stream)
    assert viewed.count() == int(sees)
    trial.opine("yes")
    assert client.get(address).status_code == 404, "the request has ended"
