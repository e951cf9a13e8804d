"""Who became an administrator and whose second factor changed is in the log, whichever way it was done."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from audit.admin import ReadOnlyAdmin
from audit.models import Entry
from members.models import User
from tests.bent import bend
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-of-a-test"


def changes_of(user: User) -> list[tuple[str, object]]:
    found = Entry.objects.filter(stream=user.audit_ref, actor=user.audit_ref, kind__startswith="user.second")
    return [(entry.kind.removeprefix("user.second_factor_"), entry.body["factor"]) for entry in found.order_by("pk")]


def test_the_command_line_makes_an_administrator_with_an_entry() -> None:
    for name in ("first", "root"):
        call_command("createsuperuser", email=f"{name}@test.example", interactive=False, verbosity=0)

    user = User.objects.get(email="root@test.example")
    assert user.is_superuser
    entry = Entry.objects.get(kind="user.made_administrator", stream=user.audit_ref)
    assert (entry.actor, entry.body) == ("system:command_line", {})
    assert Entry.objects.filter(kind="user.made_administrator").count() == 2


def test_second_factors_come_and_go_with_their_entries(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    user = make_user("reviewer@test.example", "reviewer")
    user.set_password(PASSWORD)
    bend(user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user, backend="members.sessions.LogInBackend")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session[auth.SECRET_SESSION_KEY]
    code = auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))
    for path, data in (
        ("totp/activate/", {"code": code}),
        ("recovery-codes/generate/", {}),
        ("totp/deactivate/", {}),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(f"/accounts/2fa/{path}", data).status_code == 302, path

    assert sorted(changes_of(user)[:2]) == [("added", "recovery_codes"), ("added", "totp")]
    assert changes_of(user)[2:] == [("renewed", "recovery_codes"), ("removed", "totp"), ("removed", "recovery_codes")]
    assert secret not in str(list(Entry.objects.values_list("body", flat=True)))


def test_no_screen_of_the_admin_changes_anything(client: Client) -> None:
    screens = admin.site._registry

    assert all(isinstance(screen, ReadOnlyAdmin) for screen in screens.values())
    assert not {Group, Authenticator} & screens.keys()
    assert "account_emailaddress" in {model._meta.db_table for model in screens}
    client.force_login(User.objects.create_superuser("root@test.example"))
    for model in screens:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(address).status_code == 200, address
        assert client.get(f"{address}add/").status_code == 403, address
