"""The table of waits: every state that is no end has a row, and every row is acted on, printed and translated."""

from __future__ import annotations

import pytest
from django.apps import apps

from adjudication.selectors.clocks import clock_rows, clocks_visible_to
from adjudication.selectors.wait_terms import Terms
from adjudication.tasks import ENDS
from adjudication.waits import WAITS
from audit.message_kinds import MessageKind
from audit.rooms import all_machines, all_waits, message_kinds
from audit.waits import Wait
from config.management.commands.states import states_page
from members.rules import plan_toml
from tests.cast import Cast
from tests.members.rules.plan_files import XHB_2020

CONCERN_A_CLAIM = {"claim", "investigation", "answer", "panel", "seat", "opinion request", "payout"}
"""The machines whose rows a claim waits for: each of their states that is no end needs a row."""
STEPS = {"investigation.at_work", "claim.step_due", "answer.asked", "draw.word", "panel.vote", "opinion.asked"} | {
    "panel.close",
    "hearing.no_jurors",
    "opinion.no_doctor",
}
"""What `advance_claim` ends, or what passes into another wait of the table."""


def lacking(waits: list[Wait]) -> set[tuple[str, str]]:
    """The states that no row of the table names."""
    named = {(machine, state) for wait in waits for machine, states in wait.states.items() for state in states}
    found = set()
    for machine in all_machines():
        if machine.name in CONCERN_A_CLAIM:
            left = {source for source, _target in machine.edges()}
            found |= {(machine.name, state) for state in machine.states if state in left} - named
    return found


def test_every_state_that_is_no_end_has_a_wait() -> None:
    assert lacking(all_waits()) == set()


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("panel.vote", ("seat", "summoned")),
        ("payout.for_a_person", ("payout", "unknown")),
        ("opinion.asked", ("opinion request", "open")),
    ],
)
def test_a_state_whose_only_wait_is_taken_out_is_missed(name: str, state: tuple[str, str]) -> None:
    rest = [wait for wait in all_waits() if wait.name != name]
    assert lacking(rest) == {state}


def test_every_state_named_by_the_table_exists() -> None:
    states = {machine.name: set(machine.states) for machine in all_machines()}
    for wait in all_waits():
        assert wait.states, wait.name
        for machine, named in wait.states.items():
            assert set(named) <= states[machine], wait.name


def test_every_wait_that_ends_by_itself_is_ended_by_a_sweep_or_a_step() -> None:
    ended = {wait.name for wait in all_waits() if wait.ends_by_itself}
    assert ended == set(ENDS) | STEPS
    assert len({wait.name for wait in all_waits()}) == len(all_waits())
    assert {wait.name for wait in WAITS} >= set(ENDS)


def test_every_key_is_one_of_the_plan_file() -> None:
    keys = plan_toml.asked_keys(XHB_2020.source)
    for wait in all_waits():
        assert set(wait.keys) <= keys, wait.name
        assert wait.keys or wait.time, f"{wait.name} has no time"
    waited = {key for wait in all_waits() for key in wait.keys if key.startswith("waits.")}
    assert waited == {key for key in keys if key.startswith("waits.")}, "a key that no wait uses"


def test_every_model_and_reminder_exists() -> None:
    kinds: dict[str, MessageKind] = dict(message_kinds())
    for wait in all_waits():
        assert apps.get_model(wait.model)
        assert not wait.reminder or kinds[wait.reminder].reminds, wait.name


def test_the_page_of_states_prints_every_row() -> None:
    page = states_page()
    for wait in all_waits():
        assert page.count(f"| `{wait.name}` |") == 1


def test_every_query_of_the_table_runs_and_all_run_together(cast: Cast) -> None:
    terms = Terms()
    for wait in all_waits():
        row = wait.running(terms).first()
        assert row is None or row.wait_claim
        assert wait.running(terms).model == apps.get_model(wait.model)
    assert clock_rows(clocks_visible_to(cast.auditor)) == []
