"""What this room tells people, and which entry of the log tells whom."""

from __future__ import annotations

from allocation.message_words import to_members, to_reviewers
from audit.message_kinds import MessageKind, Silent, Tells

MESSAGE_KINDS: dict[str, MessageKind] = {**to_members.KINDS, **to_reviewers.KINDS}

_ASKED_AGAIN = Silent("A reviewer asked, and sees the answer; the payment itself has not changed.")
_TO_LOOK_AT = Tells(
    "allocation.payments_to_look_at", when="to each reviewer who has opened the last message of this kind"
)
_PERSON = "where a person did it, and not the service itself"

TOLD: dict[str, tuple[Tells, ...] | Silent] = {
    "arrear.asked_for": Silent("Its result is told: paid, or still owed."),
    "arrear.asked_again": _ASKED_AGAIN,
    "arrear.netted": (Tells("allocation.share_netted"),),
    "arrear.opened": (
        Tells("allocation.share_failed", when="unless the membership has ended: then the sponsor bears the share"),
    ),
    "arrear.refused": (
        Tells("allocation.share_failed_again", when="unless the membership has ended, or its member asked and sees it"),
    ),
    "arrear.served": Silent("It is the record that the notice reached them; a longer time is told by itself."),
    "arrear.unserved": Silent("No channel reaches them at this moment; a longer time is told by itself."),
    "arrear.extended": (Tells("allocation.share_time_longer"),),
    "arrear.settled": (Tells("allocation.share_paid"),),
    "arrear.unknown": (_TO_LOOK_AT,),
    "arrear.written_off": (
        Tells("allocation.share_written_off", when="unless the message on the end of the membership says so"),
    ),
    "collection.asked_again": _ASKED_AGAIN,
    "collection.refused": (_TO_LOOK_AT,),
    "collection.settled": Silent("All members hear about the charge, and those who did not pay about what they owe."),
    "collection.unknown": (_TO_LOOK_AT,),
    "dissolution.settled": (Tells("allocation.surplus_handed_on"),),
    "failures.read": Silent("Each member named in it gets a message about their own share."),
    "ledger.posted": Silent("It is the booking of an act of which people are told."),
    "payments.answered": (Tells("allocation.payments_answered", when="to every reviewer"),),
    "payments.asked_again": _ASKED_AGAIN,
    "payments.silent": (Tells("allocation.payments_silent", when="to every reviewer"),),
    "payout.asked_again": _ASKED_AGAIN,
    "payout.refused": (Tells("allocation.payout_refused"), _TO_LOOK_AT),
    "payout.sent": Silent(
        "It settles within days, and the applicant gets a message then, and one about each share taken off."
    ),
    "payout.settled": Silent("The claim is settled in the same act, and the applicant gets a message about that."),
    "payout.unknown": (_TO_LOOK_AT,),
    "period.charged": (Tells("allocation.share_charged"), Tells("allocation.charge_by_you", when=_PERSON)),
    "period.noticed": (Tells("allocation.share_announced"), Tells("allocation.notice_by_you", when=_PERSON)),
    "period.settled": Silent("Nothing is asked of anybody; the board of periods shows it."),
    "plan.fell_below": (
        Tells("allocation.plan_fell_below"),
        Tells("allocation.end_can_be_proposed", when="to every reviewer"),
    ),
    "plan.recovered": (Tells("allocation.plan_recovered"),),
    "refund.asked_again": _ASKED_AGAIN,
    "refund.opened": (Tells("allocation.refund_opened"),),
    "refund.calculated": (Tells("allocation.refund_calculated"),),
    "refund.refused": (Tells("allocation.refund_refused"), _TO_LOOK_AT),
    "refund.sent": Silent("It settles within days, and the member gets a message then."),
    "refund.settled": (Tells("allocation.refund_paid"),),
    "refund.unknown": (_TO_LOOK_AT,),
}
