"""What the role that runs the service may do in the database, read from the catalogue: no table is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable, Composed, Identifier

from config.columns import updatable_columns

APPEND_ONLY_TRIGGER = "append_only_rows"
MACHINE_TRIGGER = r"pgtrigger\_machine\_no\_delete\_%"

DELETED_FROM = frozenset(
    {
        # The sequencer takes from it what has got its place in the tree.
        "audit_pending",
        # A draft is sent or discarded; a file is taken back before it is filed or its report signed.
        "adjudication_claimdraft",
        "adjudication_evidence",
        # The libraries' own: sessions that ended, addresses changed, second factors removed, lock-outs over.
        "django_session",
        "account_emailaddress",
        "account_emailconfirmation",
        "mfa_authenticator",
        "axes_accessattempt",
        "axes_accessattemptexpiration",
        "axes_accessfailurelog",
        "axes_accesslog",
    }
)
"""The tables from which the service deletes rows; from all others nobody but the owner may."""

ONLY_READ = frozenset(
    {
        # Where there is one: the offset of the clock of a test or demonstration (audit/clock_functions.py).
        "assize_clock",
        "django_migrations",
        "django_content_type",
        # Permissions come from roles (members_rolegrant, with their entries in the log); Django's own tables of them
        # would bypass them.
        "auth_permission",
        "auth_group",
        "auth_group_permissions",
        "members_user_groups",
        "members_user_user_permissions",
    }
)
"""The tables that migrations alone write."""

_TABLES = """
    SELECT c.relname, coalesce(bool_or(t.tgname = %s), false), coalesce(bool_or(t.tgname LIKE %s), false),
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
      FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
     GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_FUNCTIONS = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
     WHERE p.pronamespace = current_schema()::regnamespace AND p.prorettype = 'trigger'::regtype
"""
_ROLE = """
    SELECT rolsuper, rolcreaterole, rolname = current_user, EXISTS (
        SELECT FROM pg_class c
         WHERE c.relnamespace = current_schema()::regnamespace AND pg_has_role(r.oid, c.relowner, 'MEMBER')
    ) FROM pg_roles r WHERE rolname = %s
"""
_TOO_MUCH = """
    SELECT p.privilege FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p(privilege)
     WHERE has_table_privilege(%s, %s::regclass, p.privilege)
"""


class RoleUnfit(Exception):
    """The role can't be limited to its grants; the text says why and what to do, in one line."""


@dataclass(frozen=True)
class Table:
    """A table and what guards it."""

    name: str
    is_append_only: bool
    has_machine: bool
    columns: list[str] = field(default_factory=list)

    @property
    def privileges(self) -> tuple[str, ...]:
        """What the runtime role may do with it."""
        if self.name in ONLY_READ:
            return ("SELECT",)
        if self.is_append_only:
            return ("SELECT", "INSERT")
        if self.name in DELETED_FROM and not self.has_machine:
            return ("SELECT", "INSERT", "UPDATE", "DELETE")
        return ("SELECT", "INSERT", "UPDATE")


def tables() -> list[Table]:
    """Every table of the service, as the database describes it."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [APPEND_ONLY_TRIGGER, MACHINE_TRIGGER])
        return [Table(*row) for row in cursor.fetchall()]


def grant_runtime(role: str) -> list[Table]:
    """Grant the role what the service needs and revoke everything else; returns the tables it was granted.

    For a connection of the tables' owner. Raises RoleUnfit.
    """
    _check_fit(role)
    found = tables()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _statements(role, found, str(connection.settings_dict["NAME"])):
            cursor.execute(statement)
        _pin_functions(cursor)
        for table in found:
            if table.is_append_only:
                cursor.execute(_TOO_MUCH, [role, _quoted(table.name)])
                kept = [str(row[0]) for row in cursor.fetchall()]
                if kept:
                    raise RoleUnfit(
                        f"{role} keeps {', '.join(kept)} on {table.name} through another role: revoke that membership."
                    )
    return found


def owns_too_much(role: str) -> bool:
    """Whether the role could bypass the guards: as a superuser, as the owner of a table, or by becoming its owner."""
    is_superuser, can_make_roles, _is_current, is_owner = _facts(role)
    return is_superuser or can_make_roles or is_owner


def _check_fit(role: str) -> None:
    is_superuser, can_make_roles, is_current, is_owner = _facts(role)
    if is_current:
        raise RoleUnfit(f"{role} is the role that grants: connect as the owner, with DATABASE_OWNER_URL.")
    if is_superuser or can_make_roles:
        raise RoleUnfit(f"{role} may do anything or make itself so: ALTER ROLE {role} NOSUPERUSER NOCREATEROLE.")
    if is_owner:
        raise RoleUnfit(f"{role} owns tables of the service or is a member of their owner: choose another role.")


def _facts(role: str) -> tuple[bool, bool, bool, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_ROLE, [role])
        found = cursor.fetchone()
    if found is None:
        raise RoleUnfit(f"There is no role {role}: CREATE ROLE {role} LOGIN PASSWORD '…'.")
    return bool(found[0]), bool(found[1]), bool(found[2]), bool(found[3])


def _statements(role: str, found: Iterable[Table], database: str) -> Iterator[Composed]:
    to, schema, name = Identifier(role), Identifier(_schema()), Identifier(database)
    yield SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(name, to)
    yield SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}").format(schema, to)
    yield SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM PUBLIC, {}").format(schema, to)
    yield SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA {} FROM PUBLIC, {}").format(schema, to)
    # Temporary tables are for imports in sets.
    yield SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, to)
    yield SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, to)
    yield SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, to)
    for table in found:
        rights = SQL(", ").join(_rights(table))
        yield SQL("GRANT {} ON {}.{} TO {}").format(rights, schema, Identifier(table.name), to)


def _rights(table: Table) -> Iterator[Composable]:
    """Its privileges, that to update limited to the columns that some service changes.

    Of those that are there: while apps are migrated one after the other, some columns are still to come.
    """
    for one in table.privileges:
        columns = updatable_columns(table.name) if one == "UPDATE" else None
        if columns is None:
            yield SQL(one)
        elif there := [column for column in columns if column in table.columns]:
            yield SQL("UPDATE ({})").format(SQL(", ").join(Identifier(column) for column in there))


def _pin_functions(cursor: CursorWrapper) -> None:
    """Let a trigger's function find the service's tables alone.

    Names are looked up among temporary tables first, so that one of the same name would take what a trigger writes,
    or answer what it asks.
    """
    cursor.execute(_FUNCTIONS)
    for (signature,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {signature} SET search_path TO pg_catalog, {_quoted(_schema())}, pg_temp")


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
