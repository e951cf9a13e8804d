"""Writing a claim step by step: each step is stored, and nothing is filed before it is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.claims import NotYourClaim
from adjudication.errors.drafts import DraftAlreadySent, DraftIncomplete, DraftUnknown
from adjudication.models import Claim, ClaimDraft
from adjudication.services import claim_checks
from adjudication.services.claims import submit_claim
from adjudication.services.evidence import delete_rows
from audit import clock
from audit.errors import Words
from audit.services import append
from members.models import Membership, User
from members.rules.plans import DiseaseQuestion, PlanRules, condition_for
from members.selectors.plans import version_for_diagnosis, version_in_force

STEPS = ("who", "diagnosis", "illness", "days", "hospital", "papers")
"""The steps in the order in which they are asked; each holds its own answers."""


def step_titles() -> dict[str, Words]:
    """The steps in words."""
    return {
        "who": _("Who is ill"),
        "diagnosis": _("Diagnosis"),
        "illness": _("How severe it is"),
        "days": _("Days"),
        "hospital": _("Hospital and what happened"),
        "papers": _("Papers"),
    }


def missing_steps(draft: ClaimDraft) -> list[str]:
    """The steps that are not saved yet, in order."""
    return [step for step in STEPS if step not in draft.answers]


@transaction.atomic
def start_draft(*, by: User) -> ClaimDraft:
    """Begin a claim, or continue the one that the user is writing: there is one at a time."""
    # Two tabs at once: `one_unsent_draft_a_user` refuses the second insert, and get_or_create returns the first's row.
    draft, is_new = ClaimDraft.objects.get_or_create(user=by, claim=None)
    if is_new:
        append(kind="draft.started", stream=by.audit_ref, by=by, body={"draft": draft.pk})
    return draft


@transaction.atomic
def save_step(*, draft_id: int, step: str, answers: Mapping[str, Any], by: User) -> ClaimDraft:
    """Save one step if it is valid by itself; the other steps stay unchanged.

    Raises DraftUnknown, DraftAlreadySent, and what a claim with such answers would raise.
    """
    draft = _locked_draft(draft_id, by)
    saved, membership = _READERS[step](draft, answers, by)
    asked = draft_question(draft)
    draft.answers = {**draft.answers, step: saved}
    draft.membership = membership
    if step != "illness" and draft_question(draft) != asked:
        # Another illness or plan: what was asked of the disease is to be asked again, or no longer.
        draft.answers.pop("illness", None)
    draft.saved_at = clock.now()
    draft.save(update_fields=["answers", "membership", "saved_at"])
    append(kind="draft.saved", stream=by.audit_ref, by=by, body={"draft": draft.pk, "step": step})
    return draft


@transaction.atomic
def send_draft(*, draft_id: int, by: User) -> Claim:
    """File the claim that the draft describes, with its papers; the draft keeps only the link to it.

    Raises DraftUnknown, DraftAlreadySent, DraftIncomplete and what `submit_claim` raises.
    """
    draft = _locked_draft(draft_id, by)
    missing = missing_steps(draft)
    if missing or draft.membership is None:
        titles = step_titles()
        raise DraftIncomplete(steps=[titles[step] for step in missing or ["who"]])
    given = draft.answers
    claim = submit_claim(
        membership=draft.membership,
        icd10=given["diagnosis"]["icd10"],
        icd10_given=given["diagnosis"].get("icd10_given", ""),
        disease=_stated_disease(draft),
        severity=given["illness"]["severity"],
        is_accident=given["illness"]["is_accident"],
        first_diagnosed_on=dt.date.fromisoformat(given["days"]["first_diagnosed_on"]),
        suspected_on=_day_or_none(given["days"]["suspected_on"]),
        hospital=given["hospital"]["hospital"],
        account=given["hospital"]["account"],
        is_for_jury=given["hospital"].get("is_for_jury", False),
        by=by,
    )
    draft.evidence.update(claim=claim, draft=None)
    draft.claim, draft.answers = claim, {}
    draft.saved_at = clock.now()
    draft.save(update_fields=["claim", "answers", "saved_at"])
    append(kind="draft.sent", stream=by.audit_ref, by=by, body={"draft": draft.pk, "claim": claim.ref})
    return claim


@transaction.atomic
def discard_draft(*, draft_id: int, by: User) -> None:
    """Discard a draft with its papers. Raises DraftUnknown, DraftAlreadySent."""
    draft = _locked_draft(draft_id, by)
    append(kind="draft.discarded", stream=by.audit_ref, by=by, body={"draft": draft.pk})
    delete_rows(list(draft.evidence.all()))
    draft.delete()


def _locked_draft(draft_id: int, by: User) -> ClaimDraft:
    # Sent twice at once, the second waits here and then finds the claim of the first.
    draft = ClaimDraft.objects.select_for_update(of=("self",)).filter(pk=draft_id, user=by).first()
    if draft is None:
        raise DraftUnknown
    if draft.claim is not None:
        raise DraftAlreadySent(ref=draft.claim.ref)
    return draft


def _day_or_none(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None


_Saved = tuple[dict[str, Any], Membership | None]


def _read_who(draft: ClaimDraft, answers: Mapping[str, Any], by: User) -> _Saved:
    found = Membership.objects.select_related("plan", "person__payer").filter(pk=answers["membership"]).first()
    if found is None:
        raise NotYourClaim
    claim_checks.check_claimant(by, found)
    claim_checks.check_free(found)
    days = draft.answers.get("days")
    if days is not None:
        _check_days(found, days)
    return {"membership": found.pk}, found


def _read_diagnosis(draft: ClaimDraft, answers: Mapping[str, Any], _by: User) -> _Saved:
    code = claim_checks.checked_code(answers["icd10"])
    given = claim_checks.code_as_given(answers.get("icd10_given") or answers["icd10"], code)
    return {"icd10": code} | ({"icd10_given": given} if given else {}), draft.membership


def _read_illness(draft: ClaimDraft, answers: Mapping[str, Any], _by: User) -> _Saved:
    severity = claim_checks.checked_severity(answers["severity"])
    saved: dict[str, Any] = {"severity": severity, "is_accident": bool(answers["is_accident"])}
    if draft_question(draft) is not None:
        saved["disease"] = _checked_disease(draft, answers.get("disease") or "")
    return saved, draft.membership


def draft_question(draft: ClaimDraft) -> DiseaseQuestion | None:
    """The question that tells the diseases of the draft's code apart, by the rules of now; None where there is none."""
    rules = _rules_now(draft)
    condition = condition_for(rules, draft.answers.get("diagnosis", {}).get("icd10", "")) if rules else None
    return condition.asks if condition else None


def _rules_now(draft: ClaimDraft) -> PlanRules | None:
    version = version_in_force(draft.membership.plan, clock.now()) if draft.membership else None
    return version.rules if version else None


def _checked_disease(draft: ClaimDraft, disease: str) -> str:
    rules = _rules_now(draft)
    return claim_checks.checked_disease(rules, draft.answers["diagnosis"]["icd10"], disease) if rules else ""


def _stated_disease(draft: ClaimDraft) -> str:
    """What was answered, where the rules of the day of diagnosis ask it too; rules may have changed since."""
    answered = str(draft.answers["illness"].get("disease", ""))
    day = dt.date.fromisoformat(draft.answers["days"]["first_diagnosed_on"])
    version = version_for_diagnosis(draft.membership.plan, day) if draft.membership else None
    condition = condition_for(version.rules, draft.answers["diagnosis"]["icd10"]) if version else None
    question = condition.asks if condition else None
    return answered if question is not None and question.answer(answered) else ""


def _read_days(draft: ClaimDraft, answers: Mapping[str, Any], _by: User) -> _Saved:
    suspected_on = answers.get("suspected_on")
    saved = {
        "first_diagnosed_on": answers["first_diagnosed_on"].isoformat(),
        "suspected_on": suspected_on.isoformat() if suspected_on else None,
    }
    if draft.membership is not None:
        _check_days(draft.membership, saved)
    return saved, draft.membership


def _read_hospital(draft: ClaimDraft, answers: Mapping[str, Any], _by: User) -> _Saved:
    hospital = claim_checks.checked_hospital(answers["hospital"])
    account = claim_checks.checked_account(answers["account"])
    for_jury: dict[str, Any] = {"is_for_jury": True} if account and answers.get("is_for_jury") else {}
    return {"hospital": hospital, "account": account} | for_jury, draft.membership


def _read_papers(draft: ClaimDraft, _answers: Mapping[str, Any], _by: User) -> _Saved:
    return {}, draft.membership


def _check_days(membership: Membership, saved: Mapping[str, Any]) -> None:
    claim_checks.check_days(
        membership,
        dt.date.fromisoformat(saved["first_diagnosed_on"]),
        _day_or_none(saved["suspected_on"]),
        clock.now(),
    )


_READERS: dict[str, Callable[[ClaimDraft, Mapping[str, Any], User], _Saved]] = {
    "who": _read_who,
    "diagnosis": _read_diagnosis,
    "illness": _read_illness,
    "days": _read_days,
    "hospital": _read_hospital,
    "papers": _read_papers,
}
