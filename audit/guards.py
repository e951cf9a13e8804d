"""Database guards: triggers that are enforced whatever the Python code does.

`append_only` is raw SQL for what must never change (log, ballots, decisions, postings). `machine_triggers` keep a
state column to its machine's table; django-pgtrigger writes them, without the switch that it gives to its own.
"""

from __future__ import annotations

import pgtrigger
from django.db import migrations
from django.db.models import Model
from pgtrigger import compiler

from audit.machines import Machine

REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION assize_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: its rows are written once and stay', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """A migration step that forbids UPDATE, DELETE and TRUNCATE on `table`."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION assize_refuse_change();
        CREATE TRIGGER append_only_table BEFORE TRUNCATE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION assize_refuse_change();
        """,
        f"""
        DROP TRIGGER append_only_rows ON "{table}";
        DROP TRIGGER append_only_table ON "{table}";
        """,
    )


def frozen_columns(table: str, columns: list[str], when: str = "TRUE") -> migrations.RunSQL:
    """A migration step that forbids changing `columns` of `table` in rows for which `when` (on OLD) holds."""
    changed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER frozen_{columns[0]} BEFORE UPDATE ON "{table}"
            FOR EACH ROW WHEN (({when}) AND ({changed})) EXECUTE FUNCTION assize_refuse_change();
        """,
        f'DROP TRIGGER frozen_{columns[0]} ON "{table}";',
    )


class UnswitchableSql(compiler.UpsertTriggerSql):
    """The SQL of a trigger that always fires: the library's has a hook by which any role could switch it off."""

    def get_template(self) -> str:
        """Versioned by the migrations that name this class: a change of the text needs a class of its own."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE FUNCTION {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class UnswitchableTrigger(pgtrigger.Trigger):
    """A trigger that migrations follow as they follow the library's, and that no session setting can silence."""

    def compile(self, model: type[Model]) -> compiler.Trigger:
        """What the library makes of it, in SQL without its hook."""
        made = super().compile(model)
        given = {name: value for name, value in made.sql.kwargs.items() if name != "ignore_func_name"}
        return compiler.Trigger(name=made.name, sql=UnswitchableSql(**given))


def machine_triggers(machine: Machine, field: str = "status") -> list[pgtrigger.Trigger]:
    """The triggers that enforce a table's state machine: first state, permitted moves, no delete, no truncate."""
    column = f'"{field}"'
    moves = " OR ".join(
        f"(OLD.{column} = '{source}' AND NEW.{column} = '{target}')" for source, target in machine.edges()
    )

    def refuse(what: str) -> str:
        return f"RAISE EXCEPTION '{machine.name}: {what}' USING ERRCODE = 'restrict_violation'; RETURN NULL;"

    return [
        UnswitchableTrigger(
            name="machine_first_state",
            operation=pgtrigger.Insert,
            when=pgtrigger.Before,
            condition=pgtrigger.Condition(f"NEW.{column} <> '{machine.initial}'"),
            func=refuse(f"a new row begins as {machine.initial}"),
        ),
        UnswitchableTrigger(
            name="machine_moves",
            operation=pgtrigger.UpdateOf(field),
            when=pgtrigger.Before,
            condition=pgtrigger.Condition(
                f"OLD.{column} IS DISTINCT FROM NEW.{column} AND NOT COALESCE({moves or 'FALSE'}, FALSE)"
            ),
            func=refuse("this move is not in the table of transitions"),
        ),
        UnswitchableTrigger(
            name="machine_no_delete",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            func=refuse("rows are never deleted"),
        ),
        UnswitchableTrigger(
            name="machine_no_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=refuse("rows are never deleted"),
        ),
    ]


def superseded(table: str, *triggers: str) -> migrations.RunSQL:
    """A migration step that drops triggers of earlier steps, of which a column's class takes the place."""
    return migrations.RunSQL(
        [f'DROP TRIGGER "{trigger}" ON "{table}";' for trigger in triggers], migrations.RunSQL.noop
    )
