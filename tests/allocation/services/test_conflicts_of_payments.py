"""Who is close to a member asks for none of their payments again, whatever the kind of closeness."""

from __future__ import annotations

import pytest

from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.models import Claim
from allocation.models import Payout, Refund
from allocation.services import payments, refunds
from allocation.services.refunds import open_refund
from audit.models import Entry
from tests.adjudication.closeness import KINDS
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, publish
from tests.allocation.services.test_payments import NOTICE
from tests.allocation.services.test_refunds import DUE_AT, ill, rejected  # noqa: F401
from tests.factories import make_user
from tests.moving import set_clock


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_payout(desk: Desk, kind: str) -> None:
    charge(publish(desk.plan, NOTICE))
    reviewer, payout = make_user(None, "reviewer"), Payout.objects.get()
    reason, make_close = KINDS[kind]
    make_close(payout.claim, reviewer)
    with pytest.raises(ConflictOfInterest) as refused:
        payments.ask_again(payout_id=payout.pk, by=reviewer)
    assert reason.value in refused.value.kinds
    assert not Entry.objects.filter(kind="payout.asked_again").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_refund(rejected: Claim, kind: str) -> None:  # noqa: F811
    set_clock(DUE_AT)
    open_refund(claim_id=rejected.pk)
    reviewer, refund = make_user(None, "reviewer"), Refund.objects.get()
    reason, make_close = KINDS[kind]
    make_close(rejected, reviewer)
    with pytest.raises(ConflictOfInterest) as refused:
        refunds.ask_again(refund_id=refund.pk, by=reviewer)
    assert reason.value in refused.value.kinds
    assert not Entry.objects.filter(kind="refund.asked_again").exists()
