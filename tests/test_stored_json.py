"""What was stored as JSON is read by every later release: as the first one wrote it, and with a field that came later.

The samples are as the first release wrote them, and stay so: a release that writes a field more reads what lacks it.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from adjudication.forms.opinions import question_text
from adjudication.models import ClaimDraft
from adjudication.selectors.addenda import facts_in
from adjudication.selectors.decisions import readable_basis
from adjudication.selectors.readable_files import papers_in, readable_file
from adjudication.services.drafts import missing_steps
from allocation.models import Period
from allocation.selectors.statements import _shares
from jury.models import Panel
from jury.sealing import _decode
from jury.selectors.draws import DrawRecord, strength_of
from jury.selectors.pool import facts_of_case
from members.fields import EncryptedJSONField
from members.rules.eligibility import Trace
from run.messages import BASE_DIR
from tests.members.rules.plan_files import XHB_2020

ROOMS = ("audit", "members", "jury", "adjudication", "allocation")
CLAUSE = {
    "clause": "waiting_period",
    "result": "not_met",
    "values": {"days": 90, "last_day": "2019-03-31", "number": 12},
    "sentence": {"en": "The first diagnosis came on day 12.", "zh": "初次确诊为第12天。"},
}
CASE_FILE: dict[str, Any] = {
    "claim": "C26-7K3M9Q",
    "plan": "xhb",
    "plan_version": "2020-01-01",
    "illness": {"icd10": "C50.9", "title": "Malignant neoplasm of breast", "severity": "severe"},
    "condition": {"en": "Malignant tumour", "zh": "恶性肿瘤", "text": {"en": "Proved.", "zh": "经证实。"}},
    "is_accident": False,
    "age_years": 34,
    "membership_days_at_diagnosis": 200,
    "first_diagnosed_on": "2020-07-01",
    "aid_minor": 30_000_000,
    "currency": "CNY",
    "clauses": [{"clause": "age", "result": "met", "sentence": None}, {key: CLAUSE[key] for key in sorted(CLAUSE)}],
    "investigation": {
        "round": 1,
        "recommendation": "support",
        "reason_codes": ["evidence_convincing"],
        "summary": "All papers agree.",
        "manifest_digest": "0a" * 32,
        "duties": [{"kind": "interview", "result": "confirms", "summary": "Met in person."}],
    },
    "evidence": [{"id": 7, "kind": "diagnosis", "content_type": "image/png", "size_bytes": 99}],
    "earlier_opinion": {
        "conclusion": "confirmed",
        "questions": [{"code": "diagnosis_confirmed", "en": "Proved?", "zh": "证实？", "answer": "confirmed"}],
        "reasons": ["Seen."],
    },
}
TRACE = {"plan_code": "xhb", "plan_version": "2020-01-01", "rules_digest": "0b" * 32, "findings": [CLAUSE]}
COMMITMENT = {
    "version": 1,
    "case_ref": "C26-7K3M9Q",
    "round": 1,
    "pool_high": 250,
    "file_digest": "0a" * 32,
    "rule_digest": "0b" * 32,
    "seats": 7,
    "quorum": 5,
    "lookup_limit": 200,
    "sources": [{"kind": "chain_link", "publisher": "ab" * 32, "issue": "17"}],
    "fallback": "The default word counts.",
    "default_nonce": "C26-7K3M9Q/1",
    "strata": None,
    "encoding": "rfc3797",
    "hash": "sha256",
}
BASIS = {
    "rule": "decision_table",
    "round": 1,
    "is_final": False,
    "verdict": "support",
    "support": 5,
    "against": 2,
    "opinion": "confirmed",
    "recommendation": "support",
    "table_says": "approved",
}
FIGURES = {
    "totals": {"aid_minor": 30_000_000, "fee_minor": 2_400_000},
    "members": 2900,
    "cohorts": [
        {
            "first_notice_on": "2019-01-07",
            "is_gifted": False,
            "carried_minor": 0,
            "members": 2900,
            "year_to_date_minor": 5,
            "per_member_minor": 7,
        }
    ],
}
DRAFT = {
    "who": {"membership": 1},
    "diagnosis": {"icd10": "C50.9"},
    "illness": {"severity": "severe", "is_accident": False},
    "days": {"first_diagnosed_on": "2020-07-01", "suspected_on": None},
    "hospital": {"hospital": "Ruijin Hospital", "account": "A lump."},
    "papers": {},
}


def of_trace(stored: Any) -> Any:
    trace = Trace.from_json(stored)
    said = [(one.clause, one.result, one.sentence, one.values["number"], one.title) for one in trace.findings]
    return trace.rules_digest, trace.outcome, trace.reason_codes, said


def of_commitment(stored: Any) -> Any:
    panel = Panel(commitment=stored)
    return strength_of(panel), DrawRecord(panel).link_number


READ: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "jury.Panel.case_file": (CASE_FILE, lambda stored: readable_file(stored, XHB_2020)),
    "jury.OpinionRequest.case_file": (CASE_FILE, lambda stored: readable_file(stored, XHB_2020)),
    "jury.Panel.case_facts": ({"claimants": ["1"], "payers": ["1"], "sat_before": []}, facts_of_case),
    "jury.Panel.commitment": (COMMITMENT, of_commitment),
    "jury.OpinionRequest.questions": (
        [
            {"code": "diagnosis_confirmed", "en": "Proved?", "zh": "证实？"},
            {"code": "a", "text": {"en": "B", "zh": "乙"}},
        ],
        lambda stored: [question_text(question) for question in stored],
    ),
    "jury.Addendum.content": (
        {
            "text": "A scan.",
            "facts": [
                {
                    "fact": "severity",
                    "stated": "severe",
                    "value": "mild",
                    "standing": "found",
                    "source": "report",
                    "confidence": "certain",
                    "note": "Stage I.",
                }
            ],
        },
        lambda stored: (facts_in(stored, XHB_2020), papers_in(stored)),
    ),
    "adjudication.EligibilityCheck.trace": (TRACE, of_trace),
    "adjudication.Decision.basis": (
        BASIS,
        lambda stored: {name: value for name, value in readable_basis(stored).items() if name in BASIS},
    ),
    "adjudication.ClaimDraft.answers": (DRAFT, lambda stored: missing_steps(ClaimDraft(answers=stored))),
    "allocation.Period.notice_figures": (
        FIGURES,
        lambda stored: _shares(Period(status=Period.Status.NOTICED, notice_figures=stored)),
    ),
}
"""Every column whose JSON is read back field by field: a sample, and what reads it."""
ONLY_CODES = {
    "audit.Entry.body",  # shown as it stands
    "members.Message.params",  # references by the names that the kind declares; a missing one is shown as a dash
    "members.Broadcast.params",
    "members.HealthStatement.answers",  # yes or no by the code of a question, whatever questions a version asks
    "jury.OpinionRequest.triggers_met",
    "jury.Opinion.answers",
    "jury.Opinion.facts",  # the value by the name of the fact
    "adjudication.Answer.clauses",
    "adjudication.DutyRecord.details",  # text by the name of the detail
    "adjudication.DutyRevision.details",
    "adjudication.Investigation.for_clauses",
    "jury.BallotOpening.reason_codes",
    "adjudication.Investigation.reason_codes",
    "adjudication.Investigation.manifest",  # counted, and its digest is stored beside it
    "adjudication.Decision.reason_codes",
}
"""Every other column: lists and maps of codes, whose members no code reads by name."""


def grown(value: Any) -> Any:
    """The value with a field more in each of its objects, as a later release may write it."""
    if isinstance(value, dict):
        return {name: grown(inner) for name, inner in value.items()} | {"came_later": [{"and": "more"}]}
    return [grown(inner) for inner in value] if isinstance(value, list) else value


def test_every_column_of_json_is_here() -> None:
    found = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for field in model._meta.get_fields()
        if isinstance(field, models.JSONField | EncryptedJSONField)
    }
    assert found == READ.keys() | ONLY_CODES


@pytest.mark.parametrize("column", READ)
def test_what_the_first_release_wrote_is_read(column: str) -> None:
    stored, read = READ[column]
    assert read(json.loads(json.dumps(stored))) is not None


@pytest.mark.parametrize("column", READ)
def test_a_field_that_came_later_changes_nothing(column: str) -> None:
    stored, read = READ[column]
    later = grown(stored)
    if column == "jury.Panel.case_facts":
        later["came_later"] = ["1"]
    assert read(later) == read(copy.deepcopy(stored))


def test_a_ballot_with_a_field_more_under_its_seal_is_opened() -> None:
    head = {
        "choice": "support",
        "is_medical": False,
        "reason_codes": [],
        "salt": "00" * 32,
        "words_salt": "11" * 32,
        "came_later": [1],
    }
    text = json.dumps(head).encode()
    content, salt, _words_salt = _decode(len(text).to_bytes(2, "big") + text + b"\x00\x02ok".ljust(64, b"\x00"))
    assert (content.choice, content.words, salt) == ("support", "ok", bytes(32))


def test_a_clause_that_this_release_does_not_know_keeps_its_finding() -> None:
    trace = Trace.from_json({**TRACE, "findings": [{**CLAUSE, "clause": "moon"}]})
    assert [(one.clause, one.title.en, one.result) for one in trace.not_met] == [("moon", "moon", "not_met")]


def test_a_kind_of_paper_or_duty_that_this_release_does_not_know_is_shown_as_it_stands() -> None:
    stored = copy.deepcopy(CASE_FILE)
    stored["evidence"][0]["kind"] = "hologram"
    stored["investigation"]["duties"][0]["kind"] = "seance"
    found = readable_file(stored, XHB_2020)
    assert (found.papers[0].kind, found.duties[0].label) == ("hologram", "seance")


def test_an_addendum_of_a_release_that_gave_jurors_no_papers_has_none() -> None:
    stored, _read = READ["jury.Addendum.content"]
    assert papers_in(stored) == ()
    assert papers_in(stored | {"papers": CASE_FILE["evidence"]})[0].pk == 7
    [earlier] = readable_file(CASE_FILE | {"addenda": [{"round": 1, **stored}]}, XHB_2020).addenda
    assert (earlier.papers, len(earlier.facts)) == ((), 1)


def unpacks_json(code: str) -> list[int]:
    """The lines where what `json.loads` gives is unpacked into a call: a field that came later would be a TypeError."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg is None
        and any(
            isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "loads"
            for inner in ast.walk(keyword.value)
        )
    ]


def test_no_stored_object_is_unpacked_into_a_call() -> None:
    assert unpacks_json("RunRecord(**json.loads(text))") == [1]
    assert unpacks_json("RunRecord(name=json.loads(text), **known)") == []
    places = [
        f"{path.relative_to(BASE_DIR)}:{line}"
        for room in (*ROOMS, "pages", "config", "run", "bench")
        for path in (BASE_DIR / room).rglob("*.py")
        for line in unpacks_json(path.read_text(encoding="utf-8"))
    ]
    assert places == []
