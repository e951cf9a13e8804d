"""One claim from its filing to its payment, as everybody reads it in their inbox, in order."""

from __future__ import annotations

import pytest

from adjudication.services.claims import settle_claim
from adjudication.services.seats import recuse_seat
from adjudication.tasks import sweep_deadlines
from audit.actors import SYSTEM
from tests.adjudication.trials import juror_of, make_trial, small_cast, vote
from tests.inboxes import inbox, subjects
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def test_everybody_reads_in_order_what_happened_to_them() -> None:
    trial = make_trial(small_cast(), jurors=5)
    cast, ref = trial.cast, trial.claim.ref
    voter, leaving, late = trial.draw()
    recuse_seat(seat_id=leaving.pk, reason="no_time", by=juror_of(leaving))
    (replacement,) = [seat for seat in trial.seats if seat not in (voter, late)]
    vote(voter, "support", is_medical_question=True)
    vote(replacement, "support", is_medical_question=True)
    move_clock(hours=20)
    sweep_deadlines()
    vote(late, "against", is_medical_question=True)
    assert trial.advance() == "second_opinion"
    assert trial.opine("yes") == "second_opinion"
    trial.issue()
    settle_claim(claim_id=trial.claim.pk, by=SYSTEM)

    assert inbox(juror_of(voter)) == ["jury.summoned", "jury.result"]
    assert inbox(juror_of(leaving)) == ["jury.summoned", "jury.recused"]
    assert inbox(juror_of(late)) == ["jury.summoned", "jury.quarter_left", "jury.result"]
    assert inbox(juror_of(replacement)) == ["jury.summoned", "jury.result"]
    assert [inbox(doctor) for doctor in trial.doctors] == [["jury.opinion_asked", "jury.opinions_closed"]] * 3
    assert inbox(cast.reviewer) == inbox(cast.other_reviewer) == ["adjudication.decision_awaited"]
    assert inbox(cast.investigator) == inbox(cast.auditor) == inbox(cast.outsider) == []
    assert subjects(cast.member) == [
        f"We have received claim {ref}",
        f"An investigator has taken claim {ref}",
        f"The draw of the jury is announced: claim {ref}",
        f"Doctors are asked for a second opinion: claim {ref}",
        f"The decision on claim {ref}",
        f"Claim {ref} is paid",
    ]
    assert subjects(cast.member, "zh-hans") == [
        f"您的互助申请{ref}已提交",
        f"调查员已领取互助申请{ref}",
        f"赔审团抽签已公告：互助申请{ref}",
        f"正在征询医生的二次意见：互助申请{ref}",
        f"互助申请{ref}的决定",
        f"互助申请{ref}已给付",
    ]
