"""Who gets messages about memberships, plans, roles and log-ins, and who is not."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from members.channels.mail import mail_of
from members.models import Broadcast, Delivery, Membership, Message, PlanVersion, User
from members.selectors.broadcasts import broadcasts_visible_to
from members.selectors.messages import told
from members.services.memberships import end_membership, join_plan, leave_plan
from members.services.plan_drafts import (
    propose_draft,
    publish_draft,
    save_draft,
    send_back_draft,
    start_draft,
    withdraw_draft,
)
from members.services.plans import load_plan_file
from members.services.roles import grant_role, revoke_role
from members.services.users import create_login, record_address, record_administrator, record_second_factor
from tests.cast import Cast
from tests.factories import alone, make_membership, make_person, make_user, plan_file
from tests.members.services.test_memberships import NOBODY_ILL
from tests.members.services.test_plan_drafts import next_version

pytestmark = pytest.mark.django_db


def told_to(user: User) -> list[str]:
    return list(Message.objects.filter(to_user=user).order_by("pk").values_list("kind", flat=True))


def join(version: PlanVersion, user: User) -> Membership:
    person = make_person(user=user)
    return join_plan(person=person, plan=version.plan, joined_at=clock.now(), health_answers=NOBODY_ILL, by=user)


# Memberships.


def test_who_joins_is_told_with_the_first_notice(cast: Cast) -> None:
    user = make_user()
    membership = join(cast.version, user)
    message = Message.objects.get(to_user=user)
    assert message.kind == "members.joined"
    assert message.params == {"plan": "xhb", "notice": membership.first_notice_on.isoformat()}
    assert message.entry == Entry.objects.get(kind="membership.joined")
    with override("zh-hans"):
        assert told(message).subject.startswith(cast.plan.title_zh)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("left", ["members.membership_left"]),
        ("aided", ["members.membership_ended_by_aid"]),
        ("arrears", ["members.membership_ended_by_arrears"]),
        ("ill_in_wait", ["members.membership_ended_in_wait"]),
        ("transferred", []),
        ("dissolved", []),
    ],
)
def test_who_stops_being_a_member_is_told_why(cast: Cast, reason: str, kind: list[str]) -> None:
    end_membership(membership_id=cast.membership.pk, at=clock.now(), reason=reason, by=SYSTEM)
    assert told_to(cast.member) == kind


def test_a_payer_is_told_about_those_they_pay_for(cast: Cast) -> None:
    child = make_membership(cast.plan, make_person("Wang Lele", payer=cast.membership.person))
    leave_plan(membership_id=child.pk, by=cast.member)
    message = Message.objects.get(to_user=cast.member)
    assert message.to_person == child.person


# Plans and their drafts.


def test_all_members_read_about_new_rules(cast: Cast) -> None:
    load_plan_file(source=next_version(), filename="next.toml", by=SYSTEM)
    broadcast = Broadcast.objects.get()
    assert (broadcast.kind, broadcast.plan) == ("members.rules_published", cast.plan)
    assert list(broadcasts_visible_to(cast.member)) == [broadcast]
    load_plan_file(source=next_version(), filename="next.toml", by=SYSTEM)
    assert Broadcast.objects.count() == 1


def test_a_first_version_is_news_to_nobody(cast: Cast) -> None:
    load_plan_file(source=alone(plan_file("xhb-2019-01-01")), filename="x.toml", by=SYSTEM)
    assert not broadcasts_visible_to(cast.outsider).exists()


def proposed(cast: Cast) -> int:
    draft = start_draft(based_on=cast.version, by=cast.reviewer)
    draft = save_draft(draft_id=draft.pk, source=next_version(), revision=1, by=cast.reviewer)
    return propose_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer).pk


def test_a_proposed_draft_waits_for_the_other_reviewers(cast: Cast) -> None:
    proposed(cast)
    assert told_to(cast.other_reviewer) == ["members.draft_to_confirm"]
    assert told_to(cast.reviewer) == told_to(cast.auditor) == told_to(cast.member) == []


def test_a_published_draft_is_told_to_both_people(cast: Cast) -> None:
    publish_draft(draft_id=proposed(cast), revision=2, by=cast.other_reviewer)
    assert told_to(cast.reviewer) == ["members.draft_published"]
    assert told_to(cast.other_reviewer) == ["members.draft_to_confirm", "members.draft_published_by_you"]


def test_a_draft_that_was_sent_back_is_told_to_its_proposer(cast: Cast) -> None:
    send_back_draft(draft_id=proposed(cast), remark="no", by=cast.other_reviewer)
    assert told_to(cast.reviewer) == ["members.draft_sent_back"]


def test_who_sends_back_their_own_draft_is_not_told(cast: Cast) -> None:
    send_back_draft(draft_id=proposed(cast), remark="", by=cast.reviewer)
    assert told_to(cast.reviewer) == []


def test_a_withdrawn_draft_is_told_to_its_writer_unless_they_did_it(cast: Cast) -> None:
    withdraw_draft(draft_id=proposed(cast), by=cast.other_reviewer)
    assert told_to(cast.reviewer) == ["members.draft_withdrawn"]
    withdraw_draft(draft_id=start_draft(source="x", by=cast.reviewer).pk, by=cast.reviewer)
    assert told_to(cast.reviewer) == ["members.draft_withdrawn"]


# Roles and log-ins.


def test_a_role_is_told_to_its_holder_and_to_whom_the_log_names(cast: Cast) -> None:
    root = User.objects.create_superuser("root@test.example", "secret-word")
    grant_role(user=cast.outsider, role="reviewer", by=root)
    revoke_role(user=cast.outsider, role="reviewer", by=root)
    assert told_to(cast.outsider) == ["members.role_given", "members.role_revoked"]
    assert told_to(root) == ["members.role_changed_by_you"] * 2


def test_a_role_from_the_command_line_is_told_to_its_holder_alone(cast: Cast) -> None:
    grant_role(user=cast.outsider, role="auditor", by=SYSTEM)
    assert list(Message.objects.values_list("to_user", flat=True)) == [cast.outsider.pk]


def test_a_new_log_in_is_told_to_its_holder(cast: Cast) -> None:
    user = create_login(email="new@test.example", password=None, name="New", by=SYSTEM)
    assert told_to(user) == ["members.login_created"]


def test_a_new_administrator_is_told_to_all_others(cast: Cast) -> None:
    root = User.objects.create_superuser("root@test.example", "secret-word")
    second = User.objects.create_superuser("second@test.example", "secret-word")
    record_administrator(user=second, by=SYSTEM)
    assert told_to(root) == ["members.another_administrator"]
    assert told_to(second) == ["members.made_administrator"]


@pytest.mark.parametrize("change", ["added", "removed", "renewed"])
def test_a_second_factor_is_told_to_its_holder(cast: Cast, change: str) -> None:
    record_second_factor(user=cast.reviewer, factor="totp", change=change, by=cast.reviewer)
    assert told_to(cast.reviewer) == ["members.second_factor_changed"]


def test_a_changed_password_is_recorded_and_told(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    word = "another-long-word"
    fields = {"oldpassword": "secret-word", "password1": word, "password2": word}
    assert client.post("/accounts/password/change/", fields).status_code == 302
    entry = Entry.objects.get(kind="user.password_changed")
    assert (entry.stream, entry.actor, entry.body) == (cast.member.audit_ref, cast.member.audit_ref, {"how": "changed"})
    assert told_to(cast.member) == ["members.password_changed"]


def test_a_changed_address_is_told_at_the_old_one_too(client: Client, cast: Cast) -> None:
    user = cast.member
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    EmailAddress.objects.create(user=user, email="new@test.example", verified=True)
    client.force_login(user)
    client.post("/accounts/email/", {"action_primary": "", "email": "new@test.example"})
    user.refresh_from_db()
    assert user.email == "new@test.example"
    assert told_to(user) == ["members.address_changed", "members.address_was_yours"]
    mails = [mail_of(delivery) for delivery in Delivery.objects.select_related("message__to_user").order_by("pk")]
    assert [mail.to for mail in mails] == [["new@test.example"], ["member@test.example"]]
    entry = Entry.objects.get(kind="user.address_changed")
    assert (entry.stream, entry.body) == (user.audit_ref, {})


def test_the_old_address_stands_nowhere_in_clear(cast: Cast) -> None:
    record_address(user=cast.member, change="changed", earlier="old@test.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_address FROM members_delivery WHERE to_address <> ''")
        ((stored,),) = cursor.fetchall()
    assert "old@" not in stored
    assert "old@" not in str(list(Message.objects.values_list("params", flat=True)))


def test_an_address_that_is_still_theirs_is_not_told_twice(cast: Cast) -> None:
    record_address(user=cast.member, change="changed", earlier="Member@test.example")
    assert told_to(cast.member) == ["members.address_changed"]


def test_an_added_and_a_removed_address_are_told(client: Client, cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.member, email=cast.member.email, verified=True, primary=True)
    client.force_login(cast.member)
    client.post("/accounts/email/", {"action_add": "", "email": "second@test.example"})
    assert told_to(cast.member) == ["members.address_added"]
    client.post("/accounts/email/", {"action_remove": "", "email": "second@test.example"})
    # It had never been confirmed, so nothing is sent there.
    assert told_to(cast.member) == ["members.address_added", "members.address_removed"]


def test_the_address_of_a_delivery_is_given_once(cast: Cast) -> None:
    record_address(user=cast.member, change="changed", earlier="old@test.example")
    delivery = Delivery.objects.get(message__kind="members.address_was_yours")
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(to_address="other@test.example")


# What it costs.


def test_telling_all_reviewers_asks_as_much_for_three_as_for_one(cast: Cast) -> None:
    def questions() -> int:
        draft = start_draft(based_on=cast.version, by=cast.reviewer)
        draft = save_draft(draft_id=draft.pk, source=next_version(), revision=1, by=cast.reviewer)
        with CaptureQueriesContext(connection) as asked:
            propose_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer)
        return len(asked)

    at_one = questions()
    make_user("third@test.example", "reviewer")
    make_user("fourth@test.example", "reviewer")
    assert questions() == at_one
