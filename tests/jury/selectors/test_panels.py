"""What may be said of panels and seats, and to whom."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from audit import clock
from audit.actors import SYSTEM
from audit.errors import NotAllowed
from jury.rules.draw import Step, StepOutcome, reason_commitment
from jury.selectors.draws import draw_record, panels_drawn, reason_salt
from jury.selectors.panels import Turnout, panel_is_due, panels_due, panels_without_rules, rules_of, turnout
from jury.selectors.seats import seats_of
from jury.services.ballots import open_case_file
from jury.services.panels import abandon_panel, give_nonce
from members.errors.plans import RulesUnknown
from tests.factories import make_user, store_under
from tests.jury.conftest import CASE, Court, sitting, user_of, vote


def test_a_juror_sees_their_own_seat_and_others_none(court: Court) -> None:
    court.add_jurors(3)
    seats = sitting(court.drawn())
    assert list(seats_of(user_of(seats[0]))) == [seats[0]]
    for user in (
        make_user(None, "auditor"),
        make_user(None, "reviewer"),
        make_user(None, "investigator"),
        make_user(),
        AnonymousUser(),
    ):
        assert not seats_of(user).exists()


def test_turnout_is_for_reviewers_and_auditors_and_says_no_side(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    seats = sitting(panel)
    open_case_file(seat_id=seats[0].pk, by=user_of(seats[0]))
    vote(seats[0])
    for role in ("reviewer", "auditor"):
        assert turnout(panel, make_user(None, role)) == Turnout(seats=3, cast=1, opened_the_file=1, stepped_down=0)
    for user in (user_of(seats[0]), make_user(None, "investigator"), AnonymousUser()):
        with pytest.raises(NotAllowed):
            turnout(panel, user)


def test_the_panel_keeps_the_rules_that_it_was_committed_under(court: Court) -> None:
    court.add_juror()
    assert rules_of(court.commit()).digest == court.rules.digest


def test_a_panel_finds_its_rules_also_where_this_release_computes_another_digest(court: Court) -> None:
    store_under(court.version, "ef" * 32)
    court.add_juror()
    panel = court.commit()
    assert panel.rules_digest == panel.commitment["rule_digest"] == "ef" * 32
    assert rules_of(panel) == court.version.rules
    assert not panels_without_rules().exists()


def test_a_panel_whose_rules_are_not_published_is_named_until_they_are(court: Court) -> None:
    court.add_jurors(3)
    panel, digest = court.drawn(), court.version.digest
    store_under(court.version, "ef" * 32)
    with pytest.raises(RulesUnknown, match=digest):
        rules_of(panel)
    assert list(panels_without_rules()) == [panel]
    store_under(court.version, digest)
    assert rules_of(panel) == court.version.rules
    assert not panels_without_rules().exists()


def test_a_panel_that_is_over_needs_no_rules(court: Court) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    abandon_panel(panel_id=panel.pk, by=SYSTEM)
    store_under(court.version, "ef" * 32)
    assert not panels_without_rules().exists()


def test_the_list_of_what_is_due_agrees_with_the_test_for_one(court: Court) -> None:
    court.add_jurors(4)
    panel = court.commit()
    assert not panels_due(clock.now()).exists()
    assert not panel_is_due(panel, clock.now())
    panel = give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    assert list(panels_due(clock.now())) == [panel.pk]
    assert panel_is_due(panel, clock.now())


def test_there_is_no_public_record_before_the_draw(court: Court) -> None:
    court.add_jurors(4)
    court.commit()
    assert draw_record(CASE, 1) is None
    assert not panels_drawn().exists()


def test_the_record_seals_the_reason_of_a_skip_so_that_the_auditor_can_open_it(court: Court) -> None:
    itself = court.add_juror(court.claimant.person)
    court.add_jurors(2)
    panel = court.drawn()
    record = draw_record(CASE, 1)
    assert record is not None
    step = next(step for step in record.steps if step.number == itself.number)
    assert not step.is_seated
    salt = reason_salt(panel, step.position)
    expected = reason_commitment(salt, panel.commitment_digest, Step(step.position, step.number, StepOutcome.CONFLICT))
    assert step.reason_commitment == expected
    assert all(seated.reason_commitment == "" for seated in record.steps if seated.is_seated)
