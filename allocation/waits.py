"""Everything that an approved claim can wait for until it is paid."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from allocation.selectors import wait_rows as rows
from audit.waits import Doer, Wait

NOTICE = Wait(
    name="approved.notice",
    states={"claim": ("approved",)},
    title=_("The next notice has to include the claim"),
    who=Doer.REVIEWERS,
    since="the approval, or the end of a hold",
    keys=("calendar.notice_days",),
    reminds="reviewers every day, once the notice day has come and no notice is published",
    then=_("The notice is published with the claim; without a notice, reviewers are told every day."),
    repeats="once, and again for a claim that left a charge",
    model="adjudication.Claim",
    running=rows.for_a_notice,
)
CHARGE = Wait(
    name="approved.charge",
    states={"claim": ("approved",), "period": ("noticed",)},
    title=_("The period of the claim has to be charged"),
    who=Doer.REVIEWERS,
    since="the notice",
    keys=("calendar.charge_days",),
    reminds="reviewers a day before the charge day, on it, and every day after it",
    then=_("The period is charged and the aid ordered; without a charge, reviewers are told every day."),
    repeats="once for each notice",
    model="allocation.AidLine",
    running=rows.for_a_charge,
)
PAYOUT = Wait(
    name="payout.sent",
    states={"claim": ("approved",), "payout": ("pending", "sent"), "period": ("charged",)},
    title=_("The payment service has to confirm the payment"),
    who=Doer.SERVICE,
    since="the order, or the first exchange without an answer",
    keys=(),
    time="6 hours",
    reminds="reviewers at the end",
    then=_("A person has to look into the payment; it is still asked about, and never sent twice."),
    repeats="once for each claim, and again after an answer that is not final",
    model="allocation.Payout",
    running=rows.for_an_answer,
)
PERSON = Wait(
    name="payout.for_a_person",
    states={"claim": ("approved",), "payout": ("pending", "sent", "unknown")},
    title=_("A person has to look into the payment"),
    who=Doer.REVIEWERS,
    since="the refusal, or six hours without an answer",
    keys=(),
    time="no end: a payment is never given up",
    reminds="reviewers at once, and every day from the second day on",
    then=_("The payment is settled or ordered again by a person; until then reviewers are told every day."),
    repeats="once for each claim",
    model="allocation.Payout",
    running=rows.for_a_person,
)

WAITS = (NOTICE, CHARGE, PAYOUT, PERSON)
