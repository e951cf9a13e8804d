"""The kinds of log entries that this room writes, each in plain words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENTRY_WORDS: dict[str, str | Promise] = {
    "arrear.asked_for": _("A retry of an unpaid share was sent"),
    "arrear.asked_again": _("The bank was asked again about a retry of an unpaid share"),
    "arrear.netted": _("An unpaid share was taken off the member's aid"),
    "arrear.opened": _("A member's share was not paid and is now owed"),
    "arrear.refused": _("A retry of an unpaid share failed"),
    "arrear.served": _("The notice of an owed share was served"),
    "arrear.unserved": _("The notice of an owed share came back: nobody was reached"),
    "arrear.extended": _("The time to pay an owed share became longer"),
    "arrear.settled": _("An owed share was paid"),
    "arrear.unknown": _("A retry of an unpaid share was escalated: no answer from the bank"),
    "arrear.written_off": _("An owed share was written off: the sponsor bears it"),
    "collection.asked_again": _("The bank was asked again about the shares of a cohort"),
    "collection.refused": _("The bank refused to collect the shares of a cohort"),
    "collection.settled": _("The shares of a cohort were collected"),
    "collection.unknown": _("The collection from a cohort was escalated: no answer from the bank"),
    "dissolution.settled": _("The surplus of a plan that has ended was distributed"),
    "failures.read": _("The bank reported which members of a cohort did not pay"),
    "ledger.posted": _("A transaction was posted to the ledger"),
    "payments.answered": _("The payment service answers again"),
    "payments.asked_again": _("The bank was asked again about all payments without an answer"),
    "payments.silent": _("The payment service stopped answering"),
    "payout.asked_again": _("The bank was asked again about the payout"),
    "payout.refused": _("The bank refused the payout: escalated to a person"),
    "payout.sent": _("The payout was sent to the bank"),
    "payout.settled": _("The bank settled the payout"),
    "payout.unknown": _("The payout was escalated: no answer from the bank"),
    "period.charged": _("The period was charged"),
    "period.noticed": _("The notice of the period was published"),
    "period.settled": _("The period is settled"),
    "plan.fell_below": _("A notice counted too few members for the plan to continue"),
    "plan.recovered": _("A notice counted enough members again"),
    "refund.asked_again": _("The bank was asked again about the refund"),
    "refund.opened": _("A refund was opened: illness inside the waiting period"),
    "refund.calculated": _("The refund was calculated"),
    "refund.refused": _("The bank refused the refund: escalated to a person"),
    "refund.sent": _("The refund was sent to the bank"),
    "refund.settled": _("The bank settled the refund"),
    "refund.unknown": _("The refund was escalated: no answer from the bank"),
}

RETIRED_KINDS = {"refund.reckoned": "refund.calculated"}
"""What earlier releases wrote, and what is written in its place: the log keeps their entries as they are."""
