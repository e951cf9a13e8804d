"""What members are told when they come to the age at which the cover of their plan ends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param
from members.message_words.memberships import YOURS

_HOME = _("Open your home page")
_PLAN = {"plan": Param.PLAN}
_WHOSE = _("It is about your membership in %(plan)s, or that of somebody you pay for.")
_SOON = _("On the birthday on which this person turns %(years)s, the cover ends: later illnesses get no aid.")
_ENDED = _("This person is past the oldest age that the plan covers. Illnesses first diagnosed from now on get no aid.")

KINDS: dict[str, MessageKind] = {
    "members.age_ends_soon": MessageKind(
        audience=Audience.MEMBER,
        subject=_("The cover of %(plan)s will end by age"),
        body=(
            _WHOSE,
            _SOON,
            _("The membership itself ends %(days)s days after that birthday. Until then it can move to another plan."),
            _("An illness first diagnosed before the birthday can still be claimed in the plan's time."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN | {"years": Param.NUMBER, "days": Param.NUMBER},
    ),
    "members.age_soon": MessageKind(
        audience=Audience.MEMBER,
        subject=_("The cover of %(plan)s will end by age"),
        body=(
            _WHOSE,
            _SOON,
            _("The membership goes on and is charged its shares, without cover. You can leave the plan at any time."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN | {"years": Param.NUMBER},
    ),
    "members.age_ends": MessageKind(
        audience=Audience.MEMBER,
        subject=_("The cover of %(plan)s has ended by age"),
        body=(
            _WHOSE,
            _ENDED,
            _("The membership ends in %(days)s days. Until then it can move to another plan."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN | {"days": Param.NUMBER},
    ),
    "members.age_stays": MessageKind(
        audience=Audience.MEMBER,
        subject=_("The cover of %(plan)s has ended by age"),
        body=(
            _WHOSE,
            _ENDED,
            _("The membership goes on and is charged its shares, without cover. You can leave the plan at any time."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN,
    ),
    "members.senior_plan": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A plan for the next age: %(senior)s"),
        body=(
            _("%(senior)s takes members of %(plan)s who have come to its age, if its rules allow it."),
            _("Nobody is moved: you, or the person who pays, decide. Read its rules, and move on your home page."),
        ),
        why=YOURS,
        act=_("Read the rules of that plan"),
        address=Address("plan_detail", ("senior",)),
        params=_PLAN | {"senior": Param.PLAN},
    ),
    "members.membership_ended_by_age": MessageKind(
        audience=Audience.MEMBER,
        subject=_("A membership in %(plan)s has ended"),
        body=(
            _("Your membership in %(plan)s, or that of somebody you pay for, has ended by age, as its rules say."),
            _("A period that has counted it is still charged; nothing is charged after that."),
            _("An illness first diagnosed while the plan covered it can still be claimed in the plan's time."),
        ),
        why=YOURS,
        act=_HOME,
        address=Address("home"),
        params=_PLAN,
    ),
}
