"""No consequence without a notice: each part of a sweep says what it takes from somebody, and on which notice it rests.

What runs by the clock alone stands in the parts of the sweeps. A new part fails here until somebody has thought of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import adjudication.tasks
import allocation.tasks
import members.tasks
from audit.rooms import all_periodic_tasks, message_kinds


@dataclass(frozen=True)
class RestsOn:
    """What it takes, and the notices one of which must have been served before."""

    takes: str
    notices: tuple[str, ...]
    held_by: str
    """The test that plays it without a served notice."""


@dataclass(frozen=True)
class Owed:
    """What it takes, and why no notice is owed."""

    takes: str
    why: str


NOTHING = "nothing"
PARTS: dict[tuple[str, str], RestsOn | Owed | str] = {
    ("adjudication.sweep_deadlines", "notices"): NOTHING,
    ("adjudication.sweep_deadlines", "jurors not reached"): Owed(
        "the seat of a juror",
        "it rests on the opposite: the summons failed or came back by every channel. It leaves no mark, and the juror "
        "is told",
    ),
    ("adjudication.sweep_deadlines", "claims"): RestsOn(
        "the answer of an applicant, whose silence counts as consent",
        ("adjudication.answer_asked", "adjudication.clause_announced", "adjudication.answer_renewed"),
        "tests/adjudication/services/test_serving.py",
    ),
    ("adjudication.sweep_deadlines", "jurors"): NOTHING,
    ("adjudication.sweep_deadlines", "professionals"): NOTHING,
    ("adjudication.sweep_deadlines", "applicants"): NOTHING,
    ("adjudication.sweep_deadlines", "reports near"): NOTHING,
    ("adjudication.sweep_deadlines", "reports overdue"): NOTHING,
    ("allocation.sweep_payments", "service"): NOTHING,
    ("allocation.sweep_payments", "collections"): Owed(
        "the share of each member",
        "a reviewer's charge, not a lapse of time: it was announced to all members by the published notice, and nobody "
        "could prevent it by an answer",
    ),
    ("allocation.sweep_payments", "payouts"): NOTHING,
    ("allocation.sweep_payments", "long unanswered collections"): NOTHING,
    ("allocation.sweep_payments", "long unanswered payouts"): NOTHING,
    ("allocation.sweep_arrears", "failures"): NOTHING,
    ("allocation.sweep_arrears", "arrears"): Owed(
        "an owed share from the member's account", "it is the same charge, asked for again; their notice says so"
    ),
    ("allocation.sweep_arrears", "refunds to calculate"): NOTHING,
    ("allocation.sweep_arrears", "refunds"): NOTHING,
    ("allocation.sweep_arrears", "long unanswered retries"): NOTHING,
    ("allocation.sweep_arrears", "long unanswered refunds"): NOTHING,
    ("allocation.sweep_deadlines", "notices of shares"): NOTHING,
    ("allocation.sweep_deadlines", "memberships"): RestsOn(
        "the membership of somebody who owes a share",
        ("allocation.share_failed", "allocation.share_time_longer"),
        "tests/allocation/services/test_notices.py",
    ),
    ("allocation.sweep_deadlines", "claims"): Owed(
        "the membership of somebody who fell ill inside the wait, against what they paid",
        "it follows from the decision, of which the applicant is told, and no act of theirs within the 30 days could "
        "prevent it",
    ),
    ("allocation.sweep_deadlines", "periods"): NOTHING,
    ("allocation.sweep_deadlines", "shares to remind of"): NOTHING,
    ("allocation.sweep_deadlines", "charges to remind of"): NOTHING,
    ("allocation.sweep_dissolutions", "ends"): Owed(
        "the membership of everybody in a plan that ends",
        "two reviewers decided it, it was announced to all members before, and nobody could prevent it by an answer",
    ),
    ("allocation.sweep_dissolutions", "surpluses"): NOTHING,
    ("members.sweep_messages", "to-all"): NOTHING,
    ("members.sweep_messages", "lost"): NOTHING,
    ("members.sweep_messages", "email"): NOTHING,
    ("members.sweep_messages", "text"): NOTHING,
    ("members.send_digests", "staff"): NOTHING,
    ("adjudication.sweep_deadlines", "investigation.untaken"): NOTHING,
    ("adjudication.sweep_deadlines", "investigation.needs_another"): NOTHING,
    ("adjudication.sweep_deadlines", "investigation.overdue"): Owed(
        "a claim from its investigator",
        "it is a duty of staff, whose time the plan sets; they are reminded before, and what they recorded stays",
    ),
    ("adjudication.sweep_deadlines", "claim.held"): NOTHING,
    ("adjudication.sweep_deadlines", "near: investigation.untaken"): NOTHING,
    ("adjudication.sweep_deadlines", "near: investigation.needs_another"): NOTHING,
    ("adjudication.sweep_deadlines", "near: investigation.overdue"): NOTHING,
    ("adjudication.sweep_deadlines", "near: claim.held"): NOTHING,
    ("adjudication.sweep_deadlines", "decisions late"): NOTHING,
    ("adjudication.sweep_deadlines", "reviewers"): NOTHING,
    ("members.sweep_ages", "to warn"): NOTHING,
    ("members.sweep_ages", "past the age"): NOTHING,
    ("members.sweep_ages", "to end"): Owed(
        "the membership of somebody past the oldest age of the plan",
        "it follows from the plan and their age, they are warned and told before, and no answer could prevent it",
    ),
}
WITHOUT_PARTS = {"audit.publish", "audit.offer", "members.read_reports"}
"""Tasks that act on no rows of people one by one: they only record."""


def parts(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()

    def record(task: str, *given: Any) -> int:
        found.update((task, part.name) for part in given)
        return 0

    for module in (adjudication.tasks, allocation.tasks, members.tasks):
        monkeypatch.setattr(module, "sweep", record)
        for name in {one.task for one in all_periodic_tasks().values()} - WITHOUT_PARTS:
            task = getattr(module, name.partition(".")[2], None)
            if task is not None and task.name == name:
                task()
    return found


def test_each_part_of_a_sweep_says_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    found = parts(monkeypatch)
    assert found == PARTS.keys()
    assert {task for task, _part in found} | WITHOUT_PARTS == {one.task for one in all_periodic_tasks().values()}


def test_what_they_rest_on_are_notices_that_must_be_served() -> None:
    rested = [part for part in PARTS.values() if isinstance(part, RestsOn)]
    kinds = message_kinds()
    named = {name for part in rested for name in part.notices}
    assert all(kinds[name].is_notice for name in named)
    # And the reverse: each notice has its consequence here. A summons is one for what a juror is owed, and so is an
    # addendum to the file.
    told_by_notice = {name for name, kind in kinds.items() if kind.is_notice and not name.startswith("test.")}
    assert told_by_notice - named == {"jury.summoned", "jury.addendum", "adjudication.answer_extended"}
