"""Database guards: triggers that hold whatever the Python code does.

`append_only` is raw SQL without a switch, for what must never change (log, ballots, decisions, postings).
`FollowsMachine` is a pgtrigger that keeps a state column to its machine's table.
"""

from __future__ import annotations

import pgtrigger
from django.db import migrations

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


def machine_triggers(machine: Machine, field: str = "status") -> list[pgtrigger.Trigger]:
    """The triggers that hold a table to its machine: first state, permitted moves, no delete, no truncate."""
    column = f'"{field}"'
    moves = " OR ".join(
        f"(OLD.{column} = '{source}' AND NEW.{column} = '{target}')" for source, target in machine.edges()
    )

    def refuse(what: str) -> str:
        return f"RAISE EXCEPTION '{machine.name}: {what}' USING ERRCODE = 'restrict_violation'; RETURN NULL;"

    return [
        pgtrigger.Trigger(
            name="machine_first_state",
            operation=pgtrigger.Insert,
            when=pgtrigger.Before,
            condition=pgtrigger.Condition(f"NEW.{column} <> '{machine.initial}'"),
            func=refuse(f"a new row begins as {machine.initial}"),
        ),
        pgtrigger.Trigger(
            name="machine_moves",
            operation=pgtrigger.UpdateOf(field),
            when=pgtrigger.Before,
            condition=pgtrigger.Condition(
                f"OLD.{column} IS DISTINCT FROM NEW.{column} AND NOT COALESCE({moves or 'FALSE'}, FALSE)"
            ),
            func=refuse("this move is not in the table of transitions"),
        ),
        pgtrigger.Trigger(
            name="machine_no_delete",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            func=refuse("rows are never deleted"),
        ),
        pgtrigger.Trigger(
            name="machine_no_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=refuse("rows are never deleted"),
        ),
    ]
