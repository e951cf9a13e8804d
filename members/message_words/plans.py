"""What members and reviewers are told about plans: their rules, their drafts, their end."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

ALL_MEMBERS = _("You get this because you, or somebody you pay for, were a member of the plan at that time.")
REVIEWERS = _("You get this because you are a reviewer.")
ATTRIBUTED = _("You get this because the log attributes this act to you.")
_PROPOSER = _("You get this because you wrote or proposed it.")
_SEE_DRAFT = _("See the draft")
_PLAN = {"plan": Param.PLAN}
_DRAFT = Address("plan_draft_detail", ("draft",))
_DRAFT_PARAMS = {"draft": Param.NUMBER, "plan": Param.PLAN}
_END = Address("dissolution", ("plan",))

KINDS: dict[str, MessageKind] = {
    "members.rules_published": MessageKind(
        audience=Audience.MEMBER,
        subject=_("New rules of %(plan)s"),
        body=(
            _("A new version of the rules of %(plan)s was published: %(version)s, in force from %(starts_at)s."),
            _("A claim is judged by the rules in force at its first diagnosis. Read what changes."),
        ),
        why=ALL_MEMBERS,
        act=_("See what changes"),
        address=Address("plan_differences", ("plan",)),
        params=_PLAN | {"version": Param.REF, "starts_at": Param.MOMENT},
        is_owed=False,
        is_to_all=True,
    ),
    "members.plan_will_end": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s will end"),
        body=(
            _("%(plan)s has too few members to continue. It ends on %(ends_on)s at 00:00, as its rules say."),
            _("You are covered until then, and the notice of that day is still shared. Nobody can join any more."),
        ),
        why=ALL_MEMBERS,
        act=_("See the plan"),
        address=Address("plan_detail", ("plan",)),
        params=_PLAN | {"ends_on": Param.DAY},
        is_owed=False,
        is_to_all=True,
    ),
    "members.plan_has_ended": MessageKind(
        audience=Audience.MEMBER,
        subject=_("%(plan)s has ended"),
        body=(
            _("%(plan)s ended on %(ends_on)s, and with it all memberships. Later illnesses are not covered."),
            _("Claims for illnesses first diagnosed before that day are still judged and paid."),
        ),
        why=ALL_MEMBERS,
        act=_("See the plan"),
        address=Address("plan_detail", ("plan",)),
        params=_PLAN | {"ends_on": Param.DAY},
        is_owed=False,
        is_to_all=True,
    ),
    "members.end_to_confirm": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("The end of %(plan)s waits for a second person"),
        body=(
            _("A reviewer proposed that %(plan)s ends on %(ends_on)s. Another reviewer has to confirm it."),
            _("Check the notice that counted too few members, then confirm the end or withdraw the proposal."),
        ),
        why=REVIEWERS,
        act=_("Check the proposal"),
        address=_END,
        params=_PLAN | {"ends_on": Param.DAY},
    ),
    "members.end_confirmed": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("The end of %(plan)s was confirmed"),
        body=(_("Another reviewer confirmed what you proposed: %(plan)s ends on %(ends_on)s. All members are told."),),
        why=_PROPOSER,
        act=_("See the end of the plan"),
        address=_END,
        params=_PLAN | {"ends_on": Param.DAY},
    ),
    "members.end_confirmed_by_you": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("You confirmed the end of %(plan)s"),
        body=(
            _("The end of %(plan)s on %(ends_on)s was confirmed with your log-in."),
            _("If it was not you, change your password now and tell the administrator."),
        ),
        why=ATTRIBUTED,
        act=_("See the end of the plan"),
        address=_END,
        params=_PLAN | {"ends_on": Param.DAY},
    ),
    "members.end_withdrawn": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("The proposal to end %(plan)s was withdrawn"),
        body=(_("A reviewer withdrew the proposal to end %(plan)s. Nothing is left to confirm."),),
        why=REVIEWERS,
        act=_("See the end of the plan"),
        address=_END,
        params=_PLAN,
        is_owed=False,
    ),
    "members.draft_to_confirm": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("Draft %(draft)s of %(plan)s waits for a second person"),
        body=(
            _("A reviewer proposed draft %(draft)s as new rules of %(plan)s. Another reviewer has to publish it."),
            _("Read what it changes, then publish it or send it back."),
        ),
        why=REVIEWERS,
        act=_("Check the draft"),
        address=_DRAFT,
        params=_DRAFT_PARAMS,
    ),
    "members.draft_sent_back": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("Draft %(draft)s was sent back"),
        body=(_("A reviewer sent draft %(draft)s of %(plan)s back. You can edit it again."),),
        why=_PROPOSER,
        act=_SEE_DRAFT,
        address=_DRAFT,
        params=_DRAFT_PARAMS,
    ),
    "members.draft_withdrawn": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("Draft %(draft)s was withdrawn"),
        body=(_("A reviewer withdrew draft %(draft)s. Its text stays on record."),),
        why=_PROPOSER,
        act=_SEE_DRAFT,
        address=_DRAFT,
        params={"draft": Param.NUMBER},
    ),
    "members.draft_published": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("Draft %(draft)s was published"),
        body=(_("Another reviewer published draft %(draft)s, which you proposed, as new rules of %(plan)s."),),
        why=_PROPOSER,
        act=_SEE_DRAFT,
        address=_DRAFT,
        params=_DRAFT_PARAMS,
    ),
    "members.draft_published_by_you": MessageKind(
        audience=Audience.REVIEWER,
        subject=_("You published draft %(draft)s"),
        body=(
            _("Draft %(draft)s was published with your log-in as new rules of %(plan)s."),
            _("If it was not you, change your password now and tell the administrator."),
        ),
        why=ATTRIBUTED,
        act=_SEE_DRAFT,
        address=_DRAFT,
        params=_DRAFT_PARAMS,
    ),
}
