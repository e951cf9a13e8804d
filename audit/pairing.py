"""Pairing: the head of an act is written only together with its entry in the log, which says the same.

At the commit a trigger looks for an entry of this very transaction, of the act's kind and on its stream, whose facts
are those of the row. Rows below a head are bound by their number and a digest over them, both in that entry and
computed once a head. Pairing refuses forgetting, not forging: anyone who may write both can still write both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pgtrigger
from django.db import models

from audit.guards import UnswitchableTrigger

FUNCTIONS = """
CREATE FUNCTION assize_has_entry(kinds text[], of_stream text, facts jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM audit_entry e
         WHERE e.stream = of_stream AND e.kind = ANY (kinds)
           AND e.written_in = pg_catalog.pg_current_xact_id()::text::bigint
           AND NOT EXISTS (
               SELECT FROM jsonb_each(facts) f WHERE e.body::jsonb -> f.key IS DISTINCT FROM f.value
           )
    )
$$;

-- The digest over rows, each written as a line of text: SHA-256 over the lines in the order of their bytes.
CREATE FUNCTION assize_digest_of_lines(lines text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'count', count(line),
        'digest', encode(sha256(convert_to(
            coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8'
        )), 'hex')
    ) FROM unnest(lines) AS line
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION assize_digest_of_lines(text[]);
DROP FUNCTION assize_has_entry(text[], text, jsonb);
"""


@dataclass(frozen=True)
class Pair:
    """A head and its entry, as `paired` was told."""

    kinds: tuple[str, ...]
    facts: tuple[str, ...]


PAIRS: dict[str, Pair] = {}
"""Every pair by the name of its trigger, filled by the rooms' models."""


class CurrentTransaction(models.Func):
    """The number of the transaction that the database is in, the same inside its savepoints."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()
    arity = 0


def paired(
    name: str,
    *,
    kinds: Sequence[str],
    stream: str,
    facts: Mapping[str, str],
    into: tuple[str, str] | None = None,
    changes: str = "",
) -> pgtrigger.Trigger:
    """A trigger that refuses to commit a head without its entry.

    `stream` and the values of `facts` are SQL over NEW; the keys are those of the entry's facts. Without more it is for
    new rows; with `into`, a column and its value, for rows that reach this state; with `changes`, for rows of which
    that column changes.
    """
    PAIRS[f"paired_{name}"] = Pair(tuple(kinds), tuple(facts))
    given = ", ".join(f"'{key}', {value}" for key, value in facts.items())
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    refusal = f"% on % was not recorded: its entry ({' or '.join(kinds)}) is written in the same transaction and agrees"
    condition = None
    if into is not None:
        column, value = into
        condition = pgtrigger.Condition(
            f'OLD."{column}" IS DISTINCT FROM NEW."{column}" AND NEW."{column}" = \'{value}\''
        )
    elif changes:
        condition = pgtrigger.Condition(f'OLD."{changes}" IS DISTINCT FROM NEW."{changes}"')
    return UnswitchableTrigger(
        name=f"paired_{name}",
        operation=pgtrigger.Update if condition else pgtrigger.Insert,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        condition=condition,
        func=f"""
            IF NOT assize_has_entry(ARRAY[{listed}]::text[], {stream}, jsonb_build_object({given})) THEN
                RAISE EXCEPTION '{refusal}', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        """,
    )
