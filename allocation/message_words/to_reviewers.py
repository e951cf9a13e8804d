"""What reviewers are told about periods and payments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

_WHY = _("You get this because you are a reviewer.")
_ATTRIBUTED = _("You get this because the log attributes this act to you.")
_NOT_YOU = _("If it was not you, change your password now and tell the administrator.")
_NOTICE = {"plan": Param.PLAN, "notice": Param.DAY}
_PERIODS = (_("See the periods"), Address("period_board"))
_CHARGE = (_("See the charge"), Address("period_charge", ("plan", "notice")))
_PAYMENTS = (_("See the payments"), Address("payment_board"))

KINDS: dict[str, MessageKind] = {
    "allocation.notice_by_you": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("%(plan)s: you published the notice of %(notice)s"),
        body=(_("The notice of %(notice)s in %(plan)s was published with your log-in."), _NOT_YOU),
        why=_ATTRIBUTED,
        act=_PERIODS[0],
        address=_PERIODS[1],
        params=_NOTICE,
    ),
    "allocation.charge_by_you": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("%(plan)s: you charged the period of %(notice)s"),
        body=(_("The period of %(notice)s in %(plan)s was charged with your log-in."), _NOT_YOU),
        why=_ATTRIBUTED,
        act=_PERIODS[0],
        address=_PERIODS[1],
        params=_NOTICE,
    ),
    "allocation.charge_near": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("%(plan)s: the charge day of %(notice)s is near"),
        body=(_("The period of %(notice)s in %(plan)s can be charged from %(due_at)s."),),
        why=_WHY,
        act=_CHARGE[0],
        address=_CHARGE[1],
        params=_NOTICE | {"due_at": Param.MOMENT},
        due="due_at",
        asks="charge",
        is_owed=False,
        is_moot_when_due=True,
        reminds="a day before a published notice can be charged",
    ),
    "allocation.charge_due": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("%(plan)s: the period of %(notice)s is to be charged"),
        body=(
            _("The charge day of the notice of %(notice)s in %(plan)s has come. The period waits for a reviewer."),
            _("Until it is charged no aid of it is paid, and the plan can publish no other notice."),
        ),
        why=_WHY,
        act=_CHARGE[0],
        address=_CHARGE[1],
        params=_NOTICE,
        reminds="when a published notice can be charged and has not been",
    ),
    "allocation.end_can_be_proposed": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("%(plan)s has too few members"),
        body=(
            _("The notice of %(notice)s counted fewer members than %(plan)s needs to continue."),
            _("Check the figures. A reviewer can propose the end of the plan, and another one has to confirm it."),
        ),
        why=_WHY,
        act=_("See the end of the plan"),
        address=Address("dissolution", ("plan",)),
        params=_NOTICE,
    ),
    "allocation.payments_to_look_at": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("Payments wait for a person"),
        body=(
            _("The bank refused a payment, or has not answered about it for hours. Only a person can find out why."),
            _("More may follow: you get the next message of this kind only after you have opened this one."),
        ),
        why=_WHY,
        act=_PAYMENTS[0],
        address=_PAYMENTS[1],
    ),
    "allocation.payments_silent": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("The payment service does not answer"),
        body=(
            _("The payment service has stopped answering. Nothing is sent to it until it answers again."),
            _("No payment is lost or made twice. Ask the payment service what is wrong if it lasts."),
        ),
        why=_WHY,
        act=_PAYMENTS[0],
        address=_PAYMENTS[1],
        is_owed=False,
    ),
    "allocation.payments_answered": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("The payment service answers again"),
        body=(_("The payment service answers again. All payments that waited for it go on by themselves."),),
        why=_WHY,
        act=_PAYMENTS[0],
        address=_PAYMENTS[1],
        is_owed=False,
    ),
}
