"""Who may not judge: each condition alone, none of them by what is unknown."""

from __future__ import annotations

import pytest

from jury.rules.conflicts import CaseFacts, ConflictReason, JurorFacts, conflict, skip_of
from jury.rules.seating import StepOutcome

CASE = CaseFacts(
    claimants=frozenset({"ill", "filer"}),
    payers=frozenset({"payer"}),
    households=frozenset({"home"}),
    addresses=frozenset({"street"}),
    phones=frozenset({"phone"}),
    employers=frozenset({"works"}),
    hospitals=frozenset({"clinic", "hospital"}),
    investigators=frozenset({"investigator"}),
    referrers=frozenset({"referrer"}),
    sat_before=frozenset({"sat"}),
)


@pytest.mark.parametrize(
    ("juror", "reason"),
    [
        (JurorFacts("ill"), ConflictReason.IS_CLAIMANT),
        (JurorFacts("filer"), ConflictReason.IS_CLAIMANT),
        (JurorFacts("payer"), ConflictReason.IS_PAYER),
        (JurorFacts("juror", household="home"), ConflictReason.SAME_HOUSEHOLD),
        (JurorFacts("juror", payer="payer"), ConflictReason.SAME_PAYER),
        (JurorFacts("juror", payer="ill"), ConflictReason.SAME_PAYER),
        (JurorFacts("juror", address="street"), ConflictReason.SHARED_ADDRESS),
        (JurorFacts("juror", phone="phone"), ConflictReason.SHARED_PHONE),
        (JurorFacts("juror", employer="works"), ConflictReason.SHARED_EMPLOYER),
        (JurorFacts("juror", hospitals=frozenset({"other", "clinic"})), ConflictReason.HOSPITAL_AFFILIATION),
        (JurorFacts("investigator"), ConflictReason.INVESTIGATED),
        (JurorFacts("referrer"), ConflictReason.REFERRED),
        (JurorFacts("sat"), ConflictReason.SAT_BEFORE),
    ],
)
def test_each_condition_alone_excludes(juror, reason):
    assert conflict(juror, CASE) is reason


def test_a_stranger_may_judge():
    stranger = JurorFacts("j", "h", "p", "a", "t", "e", frozenset({"x"}))
    assert conflict(stranger, CASE) is None


def test_a_digest_of_another_kind_is_no_conflict():
    assert conflict(JurorFacts("juror", address="phone", phone="street", employer="home"), CASE) is None


def test_what_is_unknown_on_both_sides_is_not_the_same():
    unknown = frozenset({""})
    case = CaseFacts(frozenset({"ill"}), unknown, unknown, unknown, unknown, unknown, unknown)
    assert conflict(JurorFacts("juror", hospitals=unknown), case) is None


@pytest.mark.parametrize(("juror", "case"), [(JurorFacts(""), CASE), (JurorFacts("j"), CaseFacts(frozenset()))])
def test_nothing_is_ruled_out_for_persons_unknown(juror, case):
    with pytest.raises(ValueError, match="known persons"):
        conflict(juror, case)


def test_the_walk_names_household_and_sat_before_and_hides_the_rest_behind_one_word():
    own_names = {
        ConflictReason.SAME_HOUSEHOLD: StepOutcome.HOUSEHOLD,
        ConflictReason.SAT_BEFORE: StepOutcome.SAT_BEFORE,
    }
    for reason in ConflictReason:
        assert skip_of(reason) is own_names.get(reason, StepOutcome.CONFLICT)
    assert skip_of(None) is None
