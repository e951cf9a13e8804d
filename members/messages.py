"""What this room tells people, and which entry of the log tells whom."""

from __future__ import annotations

from audit.message_kinds import MessageKind, Silent, Tells
from members.message_words import ages, digests, logins, memberships, plans

MESSAGE_KINDS: dict[str, MessageKind] = {
    **memberships.KINDS,
    **ages.KINDS,
    **plans.KINDS,
    **logins.KINDS,
    **digests.KINDS,
}

_DEMO = Silent("It fills a demonstration, whose people are invented.")
_NOBODY_ELSE = "unless they did it themselves"

TOLD: dict[str, tuple[Tells, ...] | Silent] = {
    "contact.attempted": Silent("Those who were reached know; all others have the notice itself in the inbox."),
    "delivery.repeated": Silent("Its reader has the message in the inbox since it was written."),
    "demo.loaded": _DEMO,
    "demo.login_opened": _DEMO,
    "demo.members_loaded": _DEMO,
    "dissolution.confirmed": (
        Tells("members.plan_will_end"),
        Tells("members.end_confirmed"),
        Tells("members.end_confirmed_by_you"),
    ),
    "dissolution.ended": (Tells("members.plan_has_ended"),),
    "dissolution.memberships_ended": Silent("All of them are told at once when the last one has ended."),
    "dissolution.proposed": (Tells("members.end_to_confirm", when="to every other reviewer"),),
    "dissolution.withdrawn": (Tells("members.end_withdrawn", when="to every other reviewer"),),
    "identity.doubted": Silent(
        "Reviewers find it on their start page and in the daily digest; nothing has changed yet."
    ),
    "identity.settled": (
        Tells("members.identity_refuted", when="where it is found not to be shown", where={"answer": "refuted"}),
        Tells("members.identity_confirmed", when="where it is confirmed", where={"answer": "confirmed"}),
    ),
    "membership.age_reached": (
        Tells("members.age_ends", when="where the membership will end", where={"then": "ends"}),
        Tells("members.age_stays", when="where it goes on without cover", where={"then": "stays"}),
        Tells("members.senior_plan", when="where the rules name a plan for this age"),
    ),
    "membership.age_warned": (
        Tells("members.age_ends_soon", when="where the membership will end", where={"then": "ends"}),
        Tells("members.age_soon", when="where it goes on without cover", where={"then": "stays"}),
        Tells("members.senior_plan", when="where the rules name a plan for this age"),
    ),
    "membership.ended": (
        Tells("members.membership_left", when="where the member left, or their payer ended it"),
        Tells("members.membership_ended_by_aid", when="where aid was paid"),
        Tells("members.membership_ended_by_arrears", when="where a share was not paid in its time"),
        Tells("members.membership_ended_in_wait", when="where a rejection inside the waiting period became final"),
        Tells("members.membership_ended_by_age", when="where the member is past the age that the plan covers"),
    ),
    "membership.joined": (Tells("members.joined"),),
    "membership.moved": (Tells("members.moved"),),
    "memberships.import_begun": Silent("It is the operator's work; nobody has become a member yet."),
    "memberships.imported": Silent(
        "One entry stands for up to a quarter of a million people who were members before; their plan writes to them."
    ),
    "people.searched": Silent("It shows masked names alone; whose data are read is another entry."),
    "person.registered": Silent("It is part of joining, of which they are told."),
    "person.unmasked": Silent(
        "The member reads on their own page who looked, in which role and why (decision 15); most looks answer a call "
        "of theirs."
    ),
    "plan.opened": Silent("It has no members yet."),
    "plan_draft.proposed": (Tells("members.draft_to_confirm", when="to every other reviewer"),),
    "plan_draft.published": (Tells("members.draft_published"), Tells("members.draft_published_by_you")),
    "plan_draft.saved": Silent("It is the writer's own work."),
    "plan_draft.sent_back": (Tells("members.draft_sent_back", when=f"to its proposer, {_NOBODY_ELSE}"),),
    "plan_draft.started": Silent("It is the writer's own work."),
    "plan_draft.withdrawn": (Tells("members.draft_withdrawn", when=f"to its writer and proposer, {_NOBODY_ELSE}"),),
    "plan_version.kept": Silent("Nothing changes for anybody: the rules in force stay."),
    "plan_version.published": (Tells("members.rules_published"),),
    "role.granted": (
        Tells("members.role_given"),
        Tells("members.role_changed_by_you", when="where a person gave it, and not the command line"),
    ),
    "role.revoked": (
        Tells("members.role_revoked"),
        Tells("members.role_changed_by_you", when="where a person revoked it, and not the command line"),
    ),
    "user.address_added": (Tells("members.address_added"),),
    "user.address_changed": (
        Tells("members.address_changed"),
        Tells("members.address_was_yours", when="to the address before, where there was one"),
    ),
    "user.address_removed": (
        Tells("members.address_removed"),
        Tells("members.address_was_yours", when="to the removed address, where it had been confirmed"),
    ),
    "user.created": (Tells("members.login_created"),),
    "user.language_chosen": Silent("Those who choose see it on the page at once."),
    "user.mail_chosen": Silent("Those who choose see it on the page at once."),
    "user.logged_in": Silent("It would be a message a day; the log has them all."),
    "user.made_administrator": (
        Tells("members.made_administrator"),
        Tells("members.another_administrator", when="to every other administrator"),
    ),
    "user.password_changed": (Tells("members.password_changed"),),
    "user.second_factor_added": (Tells("members.second_factor_changed"),),
    "user.second_factor_removed": (Tells("members.second_factor_changed"),),
    "user.second_factor_renewed": (Tells("members.second_factor_changed"),),
    "user.signed_up": Silent("The log-in itself asks them to confirm their address."),
}
