"""Decided claims for tests: filed, checked and decided, without a jury, in a moment."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from adjudication.models import Claim, Decision, EligibilityCheck
from adjudication.rules.what_if import aid_in
from adjudication.services.eligibility import run_check
from audit import clock
from audit.actors import SYSTEM
from members.models import Membership, PlanVersion
from members.rules.eligibility import Trace
from tests.bent import bend, unguarded
from tests.factories import SHANGHAI, make_membership, make_person

_number = itertools.count(1)
LONG_AGO = dt.datetime(2018, 12, 1, tzinfo=SHANGHAI)


def make_decided_claim(
    version: PlanVersion,
    membership: Membership | None = None,
    *,
    decided_at: dt.datetime | None = None,
    outcome: str = "",
    reasons: list[str] | None = None,
    **fields: Any,
) -> Claim:
    """A claim of somebody aged 34 (breast cancer, severe), decided as its clauses say unless an outcome is given."""
    membership = membership or make_membership(
        version.plan, make_person(), joined_at=LONG_AGO, first_notice_on=dt.date(2018, 12, 7)
    )
    values: dict[str, Any] = {
        "ref": f"C27-{next(_number):06}",
        "icd10": "C50.9",
        "severity": "severe",
        "first_diagnosed_on": dt.date(2020, 2, 3),
        "hospital": "First Hospital",
        "submitted_at": dt.datetime(2020, 3, 1, tzinfo=SHANGHAI),
        "status_since": clock.now(),
    }
    claim = Claim.objects.create(plan=version.plan, plan_version=version, membership=membership, **(values | fields))
    check = run_check(claim=claim, occasion="report_signed", by=SYSTEM)
    trace = Trace.from_json(check.trace)
    outcome = outcome or ("rejected" if trace.not_met else "approved")
    with unguarded():
        _decide(claim, outcome, aid_in(trace) if outcome == "approved" else None)
        _write_decision(claim, check, outcome, decided_at, list(trace.reason_codes) if reasons is None else reasons)
    return Claim.objects.get(pk=claim.pk)


def _decide(claim: Claim, outcome: str, amount_minor: int | None) -> None:
    for act in (claim.begin_investigation, claim.sign_report, claim.open_hearing):
        act()
        bend(claim)
    claim.amount_minor = amount_minor
    act = claim.approve if outcome == "approved" else claim.reject
    act()
    bend(claim)


def _write_decision(
    claim: Claim, check: EligibilityCheck, outcome: str, decided_at: dt.datetime | None, reasons: list[str]
) -> None:
    Decision.objects.create(
        claim=claim,
        sequence=1,
        outcome=outcome,
        amount_minor=claim.amount_minor,
        reason_codes=reasons if outcome == "rejected" else [],
        basis={"rule": "decision_table"},
        plan_version=claim.plan_version,
        eligibility_check=check,
        decided_at=decided_at or clock.now(),
    )
