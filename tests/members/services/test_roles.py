"""Roles and log-ins."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from audit.actors import SYSTEM
from audit.models import Entry
from members.access import is_reviewer
from members.errors.roles import AdministratorOnly, RoleHeld, RoleNotHeld
from members.errors.users import EmailTaken
from members.models import RoleGrant, User
from members.services.roles import grant_role, revoke_role
from members.services.users import create_login, record_login
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_role_is_given_and_taken_back_with_entries_and_the_grant_stays() -> None:
    user = make_user()
    assert not is_reviewer(user)
    grant_role(user=user, role="reviewer", by=SYSTEM)
    assert is_reviewer(user)
    with pytest.raises(RoleHeld, match="reviewer"):
        grant_role(user=user, role="reviewer", by=SYSTEM)
    revoke_role(user=user, role="reviewer", by=SYSTEM)
    assert not is_reviewer(user)
    assert RoleGrant.objects.get().revoked_at is not None
    with pytest.raises(RoleNotHeld):
        revoke_role(user=user, role="reviewer", by=SYSTEM)
    kinds = list(Entry.objects.filter(stream=user.audit_ref).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["role.granted", "role.revoked"]
    grant_role(user=user, role="reviewer", by=SYSTEM)
    assert RoleGrant.objects.count() == 2


@pytest.mark.parametrize("role", ["reviewer", "auditor", "investigator", "professional"])
def test_nobody_gives_roles_but_the_administrator(role: str) -> None:
    user = make_user()
    with pytest.raises(AdministratorOnly):
        grant_role(user=user, role=role, by=make_user(None, role))
    assert not RoleGrant.objects.filter(user=user).exists()
    administrator = make_user(None, is_superuser=True)
    assert grant_role(user=user, role=role, by=administrator).role == role


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="king"):
        grant_role(user=make_user(), role="king", by=SYSTEM)


def test_a_login_is_created_with_its_roles_and_no_password() -> None:
    user = create_login(email="New@Test.Example", password=None, name="Bai", by=SYSTEM, roles=["auditor"])
    assert user.email == "new@test.example"
    assert not user.has_usable_password()
    assert user.roles == {"auditor"}
    assert not EmailAddress.objects.exists()
    assert "new@test" not in "".join(str(entry.body) + entry.stream for entry in Entry.objects.all())
    with pytest.raises(EmailTaken):
        create_login(email="new@test.example", password=None, name="", by=SYSTEM)
    with pytest.raises(AdministratorOnly):
        create_login(email="other@test.example", password=None, name="", by=user)
    assert User.objects.count() == 1


def test_an_address_known_to_be_theirs_needs_no_mail() -> None:
    user = create_login(email="a@test.example", password=None, name="", by=SYSTEM, is_verified=True)
    address = EmailAddress.objects.get(user=user)
    assert address.verified
    assert address.primary


def test_only_the_log_ins_of_staff_are_recorded() -> None:
    record_login(user=make_user())
    assert not Entry.objects.exists()
    reviewer = make_user(None, "reviewer")
    record_login(user=reviewer)
    assert Entry.objects.get().body == {"roles": ["reviewer"]}
    record_login(user=make_user(None, is_staff=True))
    assert Entry.objects.filter(kind="user.logged_in").count() == 2
