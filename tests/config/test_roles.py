"""The role that runs the service: it owns nothing, and can't change what is written once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction

from adjudication.models import Claim
from adjudication.services.drafts import discard_draft, start_draft
from allocation.demo.loading import load_demonstration
from allocation.models import Payout
from audit.actors import SYSTEM
from audit.models import Checkpoint, Entry, Pending
from audit.owner import as_owner
from audit.services import append, publish
from config import roles
from config.checks import runtime_role_owns_nothing
from members.models import User

ROLE = "assize_role_in_a_test"
WRITTEN_ONCE = {
    "audit_entry", "audit_leaf", "audit_tile", "audit_checkpoint", "audit_cosignature",
    "jury_ballot", "jury_ballotfault", "jury_ballotopening", "jury_countedtoken", "jury_drawstep", "jury_seatdispute",
    "jury_addendum",
    "adjudication_decision", "adjudication_eligibilitycheck",
    "adjudication_importedpatient", "adjudication_patientidentity",
    "adjudication_dutyrevision", "adjudication_finding", "adjudication_remark", "adjudication_dismissal",
    "adjudication_account", "adjudication_addendumpaper",
    "allocation_transaction", "allocation_posting", "allocation_cohortshare",
    "allocation_paymentattempt", "allocation_askinground",
    "allocation_bankorder",
    "allocation_bankreturn",
    "members_planversion", "members_healthstatement", "members_unmasking",
    "members_deliveryreport", "members_contactattempt",
}  # fmt: skip
WITH_A_STATE = {
    "adjudication_answer", "adjudication_claim", "adjudication_investigation",
    "jury_panel", "jury_seat", "jury_opinionrequest",
    "allocation_period", "allocation_collection", "allocation_payout", "allocation_arrear", "allocation_refund",
    "allocation_retry", "members_plandraft", "members_dissolution",
    "adjudication_declaredrelation", "members_delivery", "members_identityquestion",
}  # fmt: skip

pytestmark = pytest.mark.django_db


def run(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def refused(sql: str) -> str:
    """Why the statement fails; nothing of it stays."""
    with pytest.raises(DatabaseError) as told, transaction.atomic():
        run(sql)
    assert isinstance(told.value.__cause__, psycopg.errors.InsufficientPrivilege), f"{sql}: {told.value}"
    return str(told.value)


@pytest.fixture
def role() -> str:
    """A role that may do nothing yet; gone with the test's transaction."""
    run(f"create role {ROLE} login")
    return ROLE


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """The test's connection has the rights of the role, not of the owner."""
    run(f"set local role {role}")
    yield
    run("reset role")


@pytest.fixture
def runtime(role: str) -> Iterator[None]:
    """The whole test runs as the service does."""
    roles.grant_runtime(role)
    with acting_as(role):
        yield


def test_every_table_that_is_written_once_is_known_as_such() -> None:
    found = roles.tables()

    assert {table.name for table in found if table.is_append_only} == WRITTEN_ONCE
    assert {table.name for table in found if table.has_machine} == WITH_A_STATE
    assert {table.name for table in found} >= roles.DELETED_FROM | roles.ONLY_READ, "a name that no table has"
    assert not roles.DELETED_FROM & (WRITTEN_ONCE | WITH_A_STATE | roles.ONLY_READ)


def test_a_guarded_table_is_never_deleted_from_even_when_it_is_named() -> None:
    name = min(roles.DELETED_FROM)

    assert roles.Table(name, is_append_only=True, has_machine=False).privileges == ("SELECT", "INSERT")
    assert "DELETE" not in roles.Table(name, is_append_only=False, has_machine=True).privileges
    assert "DELETE" in roles.Table(name, is_append_only=False, has_machine=False).privileges
    assert "DELETE" not in roles.Table("any_other", is_append_only=False, has_machine=False).privileges


def test_the_role_changes_nothing_that_is_written_once(runtime: None) -> None:
    for table in sorted(WRITTEN_ONCE):
        column = str(run(f"select attname from pg_attribute where attrelid = '{table}'::regclass and attnum = 1")[0][0])
        for sql in (
            f"update {table} set {column} = {column}",
            f"delete from {table}",
            f"truncate {table} cascade",
            f"select 1 from {table} for update",
        ):
            assert "permission denied" in refused(sql)


def test_the_role_deletes_no_row_with_a_state_and_no_person(runtime: None) -> None:
    for table in sorted(WITH_A_STATE | {"members_person", "members_user", "members_membership", "members_rolegrant"}):
        assert "permission denied" in refused(f"delete from {table}")
        assert "permission denied" in refused(f"truncate {table} cascade")


@pytest.mark.parametrize(
    "sql",
    [
        "alter table audit_entry disable trigger all",
        "alter table audit_entry disable trigger append_only_rows",
        "drop trigger append_only_rows on audit_entry",
        "drop table audit_entry cascade",
        "alter table audit_entry owner to current_user",
        "create trigger mine before insert on audit_entry for each row execute function assize_refuse_change()",
        "create or replace function assize_refuse_change() returns trigger language plpgsql as 'begin return new; end'",
        "set session_replication_role = replica",
        "create table mine (n int)",
        "create schema mine",
        "create role mine",
        "insert into members_user_user_permissions (user_id, permission_id) values (1, 1)",
        "insert into django_migrations (app, name, applied) values ('audit', '9999', assize_now())",
    ],
)
def test_the_role_gets_round_no_guard(runtime: None, sql: str) -> None:
    assert re.search("permission denied|must be owner|must be able to", refused(sql))


def test_a_temporary_table_takes_nothing_that_a_trigger_writes_or_asks(runtime: None) -> None:
    run("create temporary table audit_pending (entry_id bigint)")
    run("create temporary table audit_leaf (like audit_leaf)")
    entry = append(kind="thing.done", stream="thing:1", by=SYSTEM)

    assert run("select count(*) from pg_temp.audit_pending") == [(0,)]
    assert (entry.pk,) in run("select entry_id from public.audit_pending")


def test_the_whole_way_of_a_claim_works_as_the_role(role: str) -> None:
    """Members, claims, draws, ballots, opinions, decisions, a charged period and payments, all without the owner.

    Only the clock is the owner's, which the demonstration moves to the days that it plays.
    """
    roles.grant_runtime(role)
    run(f"grant insert, update on assize_clock to {role}")
    with acting_as(role):
        load_demonstration(members=150)

        assert run("select current_user") == [(ROLE,)]
        assert Claim.objects.filter(status="paid").exists()
        assert Payout.objects.filter(status="settled").exists()
        publish()
        assert Checkpoint.objects.latest("size").size == Entry.objects.count() - Pending.objects.count()
        assert not Pending.objects.exists()


def test_what_the_service_deletes_it_can_delete(runtime: None) -> None:
    draft = start_draft(by=User.objects.create_user("member@test.example"))
    discard_draft(draft_id=draft.pk, by=draft.user)
    session = SessionStore()
    session.create()
    session.delete()

    assert run("select count(*) from adjudication_claimdraft") == [(0,)]
    assert run("select count(*) from django_session") == [(0,)]


def test_granting_again_takes_back_what_somebody_added(role: str) -> None:
    call_command("grant_runtime_role", role)
    run(f"grant all on all tables in schema public to {role}; grant update on audit_entry to public")
    call_command("grant_runtime_role", role)
    append(kind="thing.done", stream="thing:1", by=SYSTEM)

    with acting_as(role):
        assert "permission denied" in refused("update audit_entry set kind = 'x'")


def test_a_column_that_a_later_migration_makes_is_granted_after_it(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate audit` alone grants, too, while the tables of other rooms are those of an older release."""
    declared = roles.updatable_columns
    with_it = {"jury_seat": [*(declared("jury_seat") or []), "made_later"]}
    monkeypatch.setattr(roles, "updatable_columns", lambda table: with_it.get(table, declared(table)))

    roles.grant_runtime(role)
    run("alter table jury_seat add made_later text")
    asked = f"select has_column_privilege('{role}', 'jury_seat', 'status', 'UPDATE'), " + (
        f"has_column_privilege('{role}', 'jury_seat', 'made_later', 'UPDATE')"
    )
    assert run(asked) == [(True, False)]
    roles.grant_runtime(role)
    assert run(asked) == [(True, True)]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("select 1", "There is no role assize_role_in_a_test"),
        (f"create role {ROLE} superuser", "NOSUPERUSER"),
        (f"create role {ROLE} createrole", "NOCREATEROLE"),
        (f"create role {ROLE}; alter table audit_tile owner to {ROLE}", "owns tables"),
        (f"create role {ROLE}; grant pg_write_all_data to {ROLE}", "through another role"),
    ],
)
def test_a_role_that_could_get_past_its_grants_is_refused(act: str, told: str) -> None:
    run(act)
    with pytest.raises(CommandError, match=told):
        call_command("grant_runtime_role", ROLE)


def test_the_owner_takes_nothing_from_itself() -> None:
    owner = str(run("select current_user")[0][0])
    with pytest.raises(CommandError, match="connect as the owner"):
        call_command("grant_runtime_role", owner)


def test_a_deployment_as_the_owner_is_warned(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    assert runtime_role_owns_nothing(databases=["default"]) == []
    monkeypatch.setattr(settings, "MODE", "deploy")
    assert runtime_role_owns_nothing(databases=None) == []
    assert [found.id for found in runtime_role_owns_nothing(databases=["default"])] == ["assize.W001"]
    roles.grant_runtime(role)
    with acting_as(role):
        assert runtime_role_owns_nothing(databases=["default"]) == []


def test_without_an_owner_of_its_own_the_connection_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASE_OWNER", None)
    before = run("select pg_backend_pid()")
    with as_owner():
        assert run("select pg_backend_pid()") == before


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_connected_as_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    before = connection.settings_dict
    owner = {name: before[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    monkeypatch.setattr(
        settings, "DATABASE_OWNER", {**owner, "NAME": "another", "OPTIONS": {"application_name": "owner"}}
    )
    with as_owner():
        assert run("select current_setting('application_name'), current_database()") == [("owner", before["NAME"])]
    assert run("select current_setting('application_name')") != [("owner",)]
    with pytest.raises(ProgrammingError), as_owner():
        run("select nothing_of_the_kind")
    assert connection.settings_dict is before
