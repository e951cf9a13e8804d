"""What members are told about their own memberships."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

YOURS = _("You get this because it is about your membership, or one that you pay for.")
_HOME = _("Open your home page")
_PLAN = {"plan": Param.PLAN}

KINDS: dict[str, MessageKind] = {
    "members.joined": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A new membership in %(plan)s"),
        body=(
            _("Your membership in %(plan)s, or that of somebody you pay for, has begun."),
            _("The first notice that counts it is that of %(notice)s. Your home page shows the waiting period."),
            _("If you did not join, leave the plan on your home page and tell the plan."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN | {"notice": Param.DAY},
    ),
    "members.identity_refuted": MessageKind(
        audience=Audience.MEMBER,
        subject=_("Please prove an identity"),
        body=(
            _("What is stored about you, or about somebody you pay for, does not show who the person is."),
            _("The membership goes on, but no claim of this person can be approved before the identity is confirmed."),
            _("Please send the plan a copy of the identity document, and tell it what is stored wrongly."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
    ),
    "members.identity_confirmed": MessageKind(
        audience=Audience.MEMBER,
        subject=_("An identity was confirmed"),
        body=(
            _("There was a question about an identity number of yours, or of somebody you pay for. It is settled."),
            _("There is nothing to do."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
    ),
    "members.moved": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A membership has moved to %(plan)s"),
        body=(
            _("Your membership, or that of somebody you pay for, has ended in %(before)s and begun in %(plan)s."),
            _("The first notice that counts it there is that of %(notice)s. Your home page shows the waiting period."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN | {"before": Param.PLAN, "notice": Param.DAY},
    ),
    "members.membership_left": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A membership in %(plan)s has ended"),
        body=(
            _("Your membership in %(plan)s, or that of somebody you pay for, has ended, as you or its payer asked."),
            _("A period that has counted it is still charged. Illnesses first diagnosed from now on are not covered."),
            _("If neither of you asked for this, tell the plan."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN,
    ),
    "members.membership_ended_by_aid": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A membership in %(plan)s has ended"),
        body=(
            _("Your membership in %(plan)s, or that of somebody you pay for, has ended because its aid was paid."),
            _("By the rules of the plan each membership receives aid once. Nothing more is charged for later periods."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN,
    ),
    "members.membership_ended_by_arrears": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A membership in %(plan)s has ended"),
        body=(
            _("Your membership in %(plan)s, or that of somebody you pay for, has ended: a share was not paid."),
            _("You owe nothing: the sponsor bears the share. Illnesses first diagnosed from now on are not covered."),
            _("You can join again. The waiting period then begins again."),
        ),
        why=YOURS,
        act=_("See the statement"),
        address=Address("statement_list"),
        params=_PLAN,
    ),
    "members.membership_ended_in_wait": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A membership in %(plan)s has ended"),
        body=(
            _("Your membership in %(plan)s, or that of somebody you pay for, has ended by its waiting period."),
            _("What was paid for it is refunded. You will get a message when the refund has been calculated."),
        ),
        why=YOURS,
        act=_("See the statement"),
        address=Address("statement_list"),
        params=_PLAN,
    ),
}
