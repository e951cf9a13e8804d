"""Every column has a class, and the live database refuses what the class forbids."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from allocation.demo.loading import load_demonstration
from audit.columns import AT_INSERT, DURING, ERASED, MOVED, ONCE, Columns, Moved
from audit.rooms import all_columns, all_machines
from audit.rows import ColumnsUnnamed, Row
from config.columns import LIBRARY_TABLES, updatable_columns
from config.management.commands import columns as page
from config.roles import tables
from tests.config.filling import fill_what_is_empty

pytestmark = pytest.mark.django_db

CHANGED = {
    "integer": 'coalesce("{0}", 0) + 1',
    "smallint": 'coalesce("{0}", 0) + 1',
    "bigint": 'coalesce("{0}", 0) + 1',
    "boolean": 'NOT coalesce("{0}", false)',
    "character varying": "CASE WHEN \"{0}\" = 'x' THEN 'y' ELSE 'x' END",
    "text": "CASE WHEN \"{0}\" = 'x' THEN 'y' ELSE 'x' END",
    "date": "coalesce(\"{0}\", '2026-01-31') + 1",
    "timestamp with time zone": "coalesce(\"{0}\", assize_now()) + interval '1 day'",
    "uuid": "gen_random_uuid()",
    "jsonb": "CASE WHEN \"{0}\" = '[1]' THEN '[2]'::jsonb ELSE '[1]'::jsonb END",
    "bytea": "coalesce(\"{0}\", '') || '\\x00'::bytea",
    "ARRAY": "array_append(\"{0}\", 'x')",
}
"""For each type of a column: another value than the one it has."""


def rows_of(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def catalogue() -> dict[str, dict[str, str]]:
    """Every column of every table in the database, with its type."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows_of(
        "select table_name, column_name, data_type from information_schema.columns join information_schema.tables"
        " using (table_schema, table_name) where table_schema = current_schema() and table_type = 'BASE TABLE'"
    ):
        found.setdefault(str(table), {})[str(column)] = str(kind)
    return found


def refusal(sql: str) -> str | None:
    """What a guard says to the statement; None if it lets it pass, whatever else may be wrong with it."""
    try:
        with transaction.atomic():
            rows_of(sql)
            raise _UndoneError
    except _UndoneError:
        return None
    except DatabaseError as error:
        return str(error) if isinstance(error.__cause__, psycopg.errors.RestrictViolation) else None


class _UndoneError(Exception):
    """Takes back a statement that passed."""


def test_every_column_in_the_database_has_a_class_and_no_other() -> None:
    found, ours = catalogue(), all_columns()
    assert set(found) - {"assize_clock"} == set(ours) | set(LIBRARY_TABLES) - {"assize_clock"}
    assert not set(ours) & set(LIBRARY_TABLES)
    for table, classes in ours.items():
        if not classes.is_append_only:
            assert set(classes.classes) == set(found[table]), f"{table}: see the `columns.py` of its room"


def test_what_says_that_it_is_append_only_is_so() -> None:
    guarded = {table.name for table in tables() if table.is_append_only}
    assert guarded == {name for name, classes in all_columns().items() if classes.is_append_only}


def test_every_table_with_a_state_says_with_which_machine_its_columns_move() -> None:
    moved = [classes.machine for classes in all_columns().values() if classes.machine]
    assert sorted(one.name for one in moved) == sorted(one.name for one in all_machines())


def test_every_model_refuses_to_save_a_stored_row_bare() -> None:
    rooms = {"audit", "members", "jury", "adjudication", "allocation"}
    ours = [one for one in apps.get_models() if one._meta.app_label in rooms]
    assert len(ours) > 60
    for model in ours:
        assert issubclass(model, Row), model
        row = model()
        row._state.adding = False
        if model._meta.label == "members.User":
            continue  # The libraries save it bare: tests/members/test_users_saved.py.
        row.pk = row.pk or 1
        with pytest.raises(ColumnsUnnamed, match=model.__name__):
            row.save()


def test_a_key_that_is_given_does_not_turn_an_insert_into_an_update() -> None:
    model = apps.get_model("members.User")
    first = model.objects.create_user("one@test.example")
    with pytest.raises(DatabaseError), transaction.atomic():
        model(pk=first.pk, email="other@test.example").save()
    assert model.objects.get(pk=first.pk).email == "one@test.example"


@contextmanager
def only_by_its_columns(table: str) -> Iterator[None]:
    """No other trigger of the table fires, so that it can't speak for the one of the columns."""
    [(trigger,)] = rows_of(
        f"select tgname from pg_trigger where tgrelid = '{table}'::regclass and tgname like 'pgtrigger\\_columns%'"
    )
    with transaction.atomic():
        rows_of("set constraints all immediate")
        rows_of(f'alter table "{table}" disable trigger user')
        rows_of(f'alter table "{table}" enable trigger "{trigger}"')
        yield
        rows_of(f'alter table "{table}" enable trigger user')


@contextmanager
def copy_of(table: str) -> Iterator[str]:
    """A table with one real row and the trigger of the columns, and without references or constraints: what passes
    the trigger passes.
    """
    [(definition,)] = rows_of(
        f"select pg_get_triggerdef(oid) from pg_trigger where tgrelid = '{table}'::regclass"
        " and tgname like 'pgtrigger\\_columns%'"
    )
    rows_of(f'create temporary table "copied" as select * from "{table}" limit 1')
    head, tail = str(definition).split(" ON ", 1)
    rows_of(f"{head} ON pg_temp.copied {tail.split(' ', 1)[1]}")
    yield "pg_temp.copied"
    rows_of("drop table pg_temp.copied")


@pytest.fixture
def filled() -> dict[str, dict[str, str]]:
    """A database with a row in every table of ours."""
    load_demonstration(members=150)
    fill_what_is_empty()
    empty = [name for name in all_columns() if not rows_of(f'select 1 from "{name}" limit 1')]
    assert not empty, f"fill them in tests/config/filling.py: {empty}"
    return catalogue()


def test_the_database_refuses_what_no_service_does(filled: dict[str, dict[str, str]]) -> None:
    """Every forbidden UPDATE of every column, DELETE and TRUNCATE, as the owner, whom grants do not bind."""
    wrong: list[str] = []
    for table, classes in all_columns().items():
        if classes.is_append_only:
            wrong += _changes_of_what_is_append_only(table, filled[table])
            continue
        if classes.machine is not None:
            wrong += _deletions(table)
        same = ", ".join(f'"{column}" = "{column}"' for column in classes.classes)
        with only_by_its_columns(table):
            if said := refusal(f'update "{table}" set {same}'):
                wrong.append(f"{table} refuses what changes nothing: {said}")
            wrong += _changes_of_real_rows(table, classes, filled[table])
        with copy_of(table) as copied:
            wrong += _changes_of_a_copy(table, copied, classes, filled[table])
    assert not wrong, "\n".join(wrong)


def _deletions(table: str) -> list[str]:
    statements = f'delete from "{table}"', f'truncate "{table}" cascade'
    return [f"{one} passes" for one in statements if refusal(one) is None]


def _changes_of_what_is_append_only(table: str, columns: dict[str, str]) -> list[str]:
    changes = [f'update "{table}" set "{column}" = "{column}"' for column in columns]
    return [f"{one} passes" for one in changes if refusal(one) is None] + _deletions(table)


def _named(table: str, column: str, said: str | None) -> bool:
    return said is not None and f"on {table} is forbidden: {column} " in said


def _changes_of_real_rows(table: str, classes: Columns, kinds: dict[str, str]) -> list[str]:
    """What a single UPDATE of a row that is there may not do, whatever its state."""
    wrong = []
    for column, one in classes.classes.items():
        if one.name not in {AT_INSERT, ERASED, MOVED}:
            continue
        where = ""
        if one.name == MOVED:
            stays = {source for source, target in classes.edges(column) if source == target}
            where = f' where "{classes.state}" not in ({_texts(stays)})' if stays else ""
        sql = f'update "{table}" set "{column}" = {CHANGED[kinds[column]].format(column)}{where}'
        if not _named(table, column, refusal(sql)):
            wrong.append(f"{sql} passes: {column} is {one.name}")
    return wrong


def _changes_of_a_copy(table: str, copied: str, classes: Columns, kinds: dict[str, str]) -> list[str]:
    """Every move of a row's state, allowed or not, with every column that may change in some of them."""
    wrong = []
    for column, one in classes.classes.items():
        change = f'"{column}" = {CHANGED[kinds[column]].format(column)}'
        if one.name == ERASED and (said := refusal(f'update {copied} set "{column}" = {_nothing(table, column)}')):
            wrong.append(f"{table}.{column} can't be erased: {said}")
        if one.name == ONCE:
            wrong += _changes_of_what_is_written_once(table, copied, column, kinds[column])
        if one.name not in {MOVED, DURING}:
            continue
        assert classes.machine is not None
        for source, target in itertools.product(classes.machine.states, repeat=2):
            _set(copied, f"\"{classes.state}\" = '{source}'")
            said = refusal(f"update {copied} set \"{classes.state}\" = '{target}', {change}")
            edges = classes.edges(column) if one.name == MOVED else None
            may = (source, target) in edges if edges is not None else source in classes.states_of(column)
            if may and said:
                wrong.append(f"{table}.{column} may change from {source} to {target}: {said}")
            if not may and not _named(table, column, said):
                wrong.append(f"{table}.{column} changes from {source} to {target}")
    return wrong


def _changes_of_what_is_written_once(table: str, copied: str, column: str, kind: str) -> list[str]:
    empty = _nothing(table, column)
    change = f'"{column}" = {CHANGED[kind].format(column)}'
    wrong = []
    _set(copied, f'"{column}" = {empty}')
    if said := refusal(f"update {copied} set {change}"):
        wrong.append(f"{table}.{column} can't be written at all: {said}")
    _set(copied, change)
    for again in (change, f'"{column}" = {empty}'):
        if kind == "boolean" and again == change:
            continue  # It has no third value.
        if not _named(table, column, refusal(f"update {copied} set {again}")):
            wrong.append(f"{table}.{column} is written twice: {again}")
    return wrong


def _nothing(table: str, column: str) -> str:
    """What stands in the column while it holds nothing."""
    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    field = next(one for one in model._meta.concrete_fields if one.column == column)
    kind = catalogue()[table][column]
    return "NULL" if field.null else {"jsonb": "'{}'", "boolean": "false"}.get(kind, "''")


def _set(copied: str, what: str) -> None:
    rows_of("set local session_replication_role = replica")
    rows_of(f"update {copied} set {what}")
    rows_of("set local session_replication_role = origin")


def _texts(values: set[str]) -> str:
    return ", ".join(f"'{one}'" for one in sorted(values))


def test_the_runtime_role_updates_only_columns_that_some_service_changes() -> None:
    assert updatable_columns("jury_ballot") == []
    assert updatable_columns("members_plan") == ["id"], "its rows are locked"
    assert updatable_columns("django_session") is None
    panel = updatable_columns("jury_panel")
    assert panel is not None
    assert "verdict" in panel
    assert "case_file" not in panel


def test_a_table_of_classes_that_contradicts_itself_is_refused() -> None:
    machine = all_machines()[0]
    with pytest.raises(ValueError, match="two classes"):
        Columns("thing", at_insert="id", once="id")
    with pytest.raises(ValueError, match="no machine"):
        Columns("thing", moved=(Moved("settled_at"),))
    with pytest.raises(KeyError, match="no transition"):
        Columns("thing", machine=machine, moved=(Moved("settled_at", ("vanish",)),))
    with pytest.raises(ValueError, match="reason"):
        Columns("thing", free={"name": " "})


def test_the_page_says_what_the_classes_say() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.columns_page(), "run manage.py columns"


def test_the_check_fails_on_a_page_that_is_out_of_date(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("columns", "--check")
    monkeypatch.setattr(page, "HEAD", "another head")
    with pytest.raises(CommandError, match="out of date"):
        call_command("columns", "--check")
