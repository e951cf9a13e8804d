"""What members and applicants are told about money: announced, charged, owed, refunded. The page has the amounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

_COUNTED = _("You get this because you, or somebody you pay for, were counted as a member by the notice.")
_YOURS = _("You get this because it is about your membership, or one that you pay for.")
_CLAIM = _("You get this because it is about your claim, or that of somebody you pay for.")
_NOTICE = {"plan": Param.PLAN, "notice": Param.DAY}
_SEE_NOTICE = (_("See the notice"), Address("period_detail", ("plan", "notice")))
_SHARES = (_("See your shares"), Address("statement_list"))
_PAY = (_("See what is owed, and pay it"), Address("arrear_pay", ("membership",)))
_SEE_CLAIM = (_("See the claim"), Address("claim_detail", ("claim",)))
_OWED = _NOTICE | {"membership": Param.NUMBER}

KINDS: dict[str, MessageKind] = {
    "allocation.share_announced": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: the notice of %(notice)s"),
        body=(
            _("%(plan)s published its notice of %(notice)s: the claims to be paid, and the share of each member."),
            _("It will be charged on %(charge)s at the earliest. Check it, and the calculation of your own share."),
        ),
        why=_COUNTED,
        act=_SEE_NOTICE[0],
        address=_SEE_NOTICE[1],
        params=_NOTICE | {"charge": Param.DAY},
        is_owed=False,
        is_to_all=True,
    ),
    "allocation.share_charged": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: the shares of %(notice)s were charged"),
        body=(
            _("The shares of the notice of %(notice)s in %(plan)s were charged. Yours is being collected."),
            _("It is never more than the notice announced. You will get a message if it could not be collected."),
        ),
        why=_COUNTED,
        act=_SHARES[0],
        address=_SHARES[1],
        params=_NOTICE,
        is_owed=False,
        is_to_all=True,
    ),
    "allocation.plan_fell_below": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s has too few members"),
        body=(
            _("The notice of %(notice)s counted fewer members than %(plan)s needs to continue."),
            _("Unless enough members join, its rules end the plan on %(ends_on)s. You are covered until then."),
        ),
        why=_COUNTED,
        act=_SEE_NOTICE[0],
        address=_SEE_NOTICE[1],
        params=_NOTICE | {"ends_on": Param.DAY},
        is_owed=False,
        is_to_all=True,
    ),
    "allocation.plan_recovered": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s has enough members again"),
        body=(_("The notice of %(notice)s counted enough members: %(plan)s continues."),),
        why=_COUNTED,
        act=_SEE_NOTICE[0],
        address=_SEE_NOTICE[1],
        params=_NOTICE,
        is_owed=False,
        is_to_all=True,
    ),
    "allocation.surplus_handed_on": MessageKind(
        audience=Audience.MEMBER,
        subject=_("The surplus of %(plan)s was distributed"),
        body=(_("%(plan)s has ended, and its surplus was distributed as its rules say."),),
        why=_("You get this because you, or somebody you pay for, were a member of the plan when it ended."),
        act=_("See the plan"),
        address=Address("plan_detail", ("plan",)),
        params={"plan": Param.PLAN},
        is_owed=False,
        is_to_all=True,
    ),
    "allocation.share_failed": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: a share could not be collected"),
        body=(
            _("The share of the notice of %(notice)s in %(plan)s could not be collected. It is now owed."),
            _("We ask for it again every few days. Have the money in the account, or pay it now, by %(due_at)s."),
            _("If it is not paid by then, a membership that still runs ends."),
        ),
        why=_YOURS,
        act=_PAY[0],
        address=_PAY[1],
        params=_OWED | {"due_at": Param.MOMENT},
        due="due_at",
        asks="share",
        is_notice=True,
    ),
    "allocation.share_time_longer": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: more time to pay a share"),
        body=(
            _(
                "The share of the notice of %(notice)s in %(plan)s is still owed, and our message reached you late or "
                "came back."
            ),
            _("You now have until %(due_at)s to pay it. If it is not paid by then, a membership that still runs ends."),
        ),
        why=_YOURS,
        act=_PAY[0],
        address=_PAY[1],
        params=_OWED | {"due_at": Param.MOMENT},
        due="due_at",
        asks="share",
        is_notice=True,
    ),
    "allocation.share_failed_again": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: a share could not be collected again"),
        body=(_("We asked again for the share of the notice of %(notice)s in %(plan)s. It is still owed."),),
        why=_YOURS,
        act=_PAY[0],
        address=_PAY[1],
        params=_OWED,
        is_owed=False,
    ),
    "allocation.membership_ends_soon": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: a membership ends soon if a share is not paid"),
        body=(
            _("The share of the notice of %(notice)s in %(plan)s is still owed. It can be paid until %(due_at)s."),
            _("If it is not paid by then, the membership ends and its cover with it."),
        ),
        why=_YOURS,
        act=_PAY[0],
        address=_PAY[1],
        params=_OWED | {"due_at": Param.MOMENT},
        due="due_at",
        asks="share",
        is_moot_when_due=True,
        reminds="when a quarter of the time to pay an owed share is left",
    ),
    "allocation.share_paid": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: the owed share was paid"),
        body=(
            _("The owed share of the notice of %(notice)s in %(plan)s was paid. Nothing changes for the membership."),
        ),
        why=_YOURS,
        act=_SHARES[0],
        address=_SHARES[1],
        params=_NOTICE,
    ),
    "allocation.share_netted": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: the owed share was taken off the aid"),
        body=(
            _("The unpaid share of the notice of %(notice)s in %(plan)s was taken off the aid. It is no longer owed."),
        ),
        why=_YOURS,
        act=_SHARES[0],
        address=_SHARES[1],
        params=_NOTICE,
    ),
    "allocation.share_written_off": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s: a share is no longer owed"),
        body=(
            _("The sponsor of %(plan)s bears the unpaid share of the notice of %(notice)s. You do not have to pay it."),
        ),
        why=_YOURS,
        act=_SHARES[0],
        address=_SHARES[1],
        params=_NOTICE,
    ),
    "allocation.payout_refused": MessageKind(
        audience=Audience.APPLICANT,
        subject=_("Claim %(claim)s: the bank did not carry out the payment"),
        body=(
            _("The bank refused to pay the aid for claim %(claim)s. The decision stands, and nothing is lost."),
            _("A reviewer looks into it. If your account has changed, tell the plan."),
        ),
        why=_CLAIM,
        act=_SEE_CLAIM[0],
        address=_SEE_CLAIM[1],
        params={"claim": Param.REF},
    ),
    "allocation.refund_opened": MessageKind(
        audience=Audience.APPLICANT,
        subject=_("Claim %(claim)s: the paid shares are refunded"),
        body=(
            _("The rejection of claim %(claim)s for a diagnosis inside the waiting period has become final."),
            _("What was paid for the membership is refunded without interest, once the last collection is answered."),
        ),
        why=_CLAIM,
        act=_SHARES[0],
        address=_SHARES[1],
        params={"claim": Param.REF},
    ),
    "allocation.refund_calculated": MessageKind(
        audience=Audience.APPLICANT,
        subject=_("Claim %(claim)s: the refund was calculated"),
        body=(_("The refund for claim %(claim)s was calculated. If anything is to be paid back, it is sent now."),),
        why=_CLAIM,
        act=_SHARES[0],
        address=_SHARES[1],
        params={"claim": Param.REF},
    ),
    "allocation.refund_refused": MessageKind(
        audience=Audience.APPLICANT,
        subject=_("Claim %(claim)s: the bank did not carry out the refund"),
        body=(
            _("The bank refused to pay the refund for claim %(claim)s. You keep your right to it."),
            _("A reviewer looks into it. If your account has changed, tell the plan."),
        ),
        why=_CLAIM,
        act=_SHARES[0],
        address=_SHARES[1],
        params={"claim": Param.REF},
    ),
    "allocation.refund_paid": MessageKind(
        audience=Audience.APPLICANT,
        subject=_("Claim %(claim)s: the refund was paid"),
        body=(_("The bank confirmed the refund for claim %(claim)s."),),
        why=_CLAIM,
        act=_SHARES[0],
        address=_SHARES[1],
        params={"claim": Param.REF},
    ),
}
