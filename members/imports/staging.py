"""The staging tables of an import, and every check of its rows against each other and the database, in sets.

The tables are temporary: they belong to one connection and are gone with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from members.imports.columns import Refusal
from members.imports.copying import PLACE_COLUMNS, REFUSAL_COLUMNS, ROW_COLUMNS, Staged

_TABLES = ("import_row", "import_refusal", "import_known", "import_payer", "import_place")
_CREATE = """
CREATE TEMP TABLE import_row (
    row_no bigint NOT NULL, chunk_no integer NOT NULL, import_key text COLLATE "C" NOT NULL,
    id_digest text COLLATE "C" NOT NULL, payer_key text COLLATE "C" NOT NULL,
    joined_at timestamptz, left_at timestamptz, is_whole boolean NOT NULL
);
CREATE TEMP TABLE import_refusal (
    row_no bigint NOT NULL, column_name text NOT NULL, wrong text NOT NULL, allowed text NOT NULL,
    is_of_a_set boolean NOT NULL DEFAULT false
);
"""
_FORGET = """
DROP TABLE IF EXISTS pg_temp.import_known, pg_temp.import_payer, pg_temp.import_place;
DELETE FROM import_refusal WHERE is_of_a_set;
"""
_FIND_KNOWN = """
CREATE TEMP TABLE import_known AS
SELECT r.row_no, p.id AS person_id, p.payer_id, p.id_digest <> '' AND p.id_digest = r.id_digest AS is_same_person,
       EXISTS (SELECT FROM members_membership m
                WHERE m.person_id = p.id AND m.plan_id = %(plan)s AND m.joined_at = r.joined_at) AS is_there,
       (SELECT max(m.left_at) FROM members_membership m
         WHERE m.person_id = p.id AND m.plan_id = %(plan)s AND m.left_at <= r.joined_at) AS previous_left_at,
       (SELECT m.id FROM members_membership m
         WHERE m.person_id = p.id AND m.plan_id = %(plan)s AND m.joined_at >= r.left_at
         ORDER BY m.joined_at LIMIT 1) AS following_id
  FROM import_row r JOIN members_person p ON p.import_key = r.import_key
 WHERE r.is_whole
"""
_FIND_PAYERS = """
CREATE TEMP TABLE import_payer AS
SELECT w.payer_key, p.id AS person_id, f.row_no, f.chunk_no,
       CASE WHEN p.id IS NULL THEN f.payer_key <> '' ELSE p.payer_id IS NOT NULL END AS is_paid_for
  FROM (SELECT DISTINCT payer_key FROM import_row WHERE payer_key <> '') w
  LEFT JOIN members_person p ON p.import_key = w.payer_key
  LEFT JOIN (SELECT DISTINCT ON (import_key) import_key, row_no, chunk_no, payer_key FROM import_row
              WHERE import_key IN (SELECT payer_key FROM import_row WHERE payer_key <> '')
              ORDER BY import_key, row_no) f ON f.import_key = w.payer_key
"""


@dataclass(frozen=True)
class _Check:
    """A set of rows that can't be taken: `sql` gives row number and what is wrong."""

    column: str
    sql: str


_TWICE = """
SELECT r.row_no, 'stands in row ' || t.first || ' too'
  FROM import_row r JOIN (SELECT {0}, min(row_no) AS first FROM import_row WHERE {0} <> ''
                           GROUP BY {0} HAVING count(*) > 1) t USING ({0})
 WHERE r.row_no > t.first
"""
_CHECKS = (
    _Check("external_id", _TWICE.format("import_key")),
    _Check("id_number", _TWICE.format("id_digest")),
    _Check(
        "id_number",
        """
        SELECT r.row_no, 'is registered for somebody else' FROM import_row r JOIN members_person p
               ON p.id_digest = r.id_digest AND NOT p.id_digest = ''
         WHERE r.id_digest <> '' AND p.import_key IS DISTINCT FROM r.import_key
        """,
    ),
    _Check(
        "external_id",
        """
        SELECT row_no, 'is somebody registered, and no equal id_number shows that the row means the same person'
          FROM import_known WHERE NOT is_there AND NOT is_same_person
        """,
    ),
    _Check(
        "joined_at",
        """
        SELECT r.row_no, 'lies, or the time until left_at does, within another membership of this plan'
          FROM import_known k JOIN import_row r USING (row_no)
         WHERE NOT k.is_there AND EXISTS (
               SELECT FROM members_membership m
                WHERE m.person_id = k.person_id AND m.plan_id = %(plan)s
                  AND tstzrange(m.joined_at, m.left_at) && tstzrange(r.joined_at, r.left_at))
        """,
    ),
)
_CHECKS_OF_PAYERS = (
    _Check(
        "payer_external_id",
        """
        SELECT r.row_no, CASE WHEN y.person_id IS NULL AND y.row_no IS NULL
                              THEN 'stands neither in the file nor in the database'
                              WHEN y.is_paid_for THEN 'is paid for by somebody else'
                              ELSE 'stands in row ' || y.row_no || ', which is refused' END
          FROM import_row r JOIN import_payer y USING (payer_key)
         WHERE r.is_whole AND r.payer_key <> ''
           AND (y.person_id IS NULL AND y.row_no IS NULL OR y.is_paid_for
                OR EXISTS (SELECT FROM import_refusal f WHERE f.row_no = y.row_no))
        """,
    ),
    _Check(
        "payer_external_id",
        """
        SELECT r.row_no, 'is another payer than the one with whom this person is registered'
          FROM import_known k JOIN import_row r USING (row_no) JOIN import_payer y USING (payer_key)
         WHERE NOT k.is_there AND r.payer_key <> '' AND k.payer_id IS DISTINCT FROM y.person_id
        """,
    ),
)
_GIVE_PLACES = """
CREATE TEMP TABLE import_place AS
SELECT r.row_no, r.chunk_no, r.import_key, r.payer_key, k.person_id IS NULL AS is_new,
       CASE WHEN k.person_id IS NULL THEN nextval(%(people)s::regclass) ELSE k.person_id END AS person_id,
       nextval(%(memberships)s::regclass) AS membership_id,
       NULL::bigint AS payer_id, false AS is_late, k.previous_left_at, k.following_id, r.left_at
  FROM import_row r LEFT JOIN import_known k USING (row_no)
 WHERE r.is_whole AND k.is_there IS NOT TRUE
   AND NOT EXISTS (SELECT FROM import_refusal f WHERE f.row_no = r.row_no)
 ORDER BY r.row_no
"""
_SEQUENCES = """
SELECT pg_get_serial_sequence('members_person', 'id') AS people,
       pg_get_serial_sequence('members_membership', 'id') AS memberships
"""
_GIVE_PAYERS = """
UPDATE import_place e
   SET payer_id = coalesce(y.person_id, f.person_id), is_late = y.person_id IS NULL AND f.chunk_no <> e.chunk_no
  FROM import_payer y LEFT JOIN import_place f ON f.row_no = y.row_no
 WHERE y.payer_key = e.payer_key AND e.payer_key <> ''
"""
_LOST_PAYERS = "SELECT count(*) FROM import_place WHERE payer_key <> '' AND payer_id IS NULL"
_COUNTS = """
SELECT (SELECT count(*) FROM import_row), (SELECT count(DISTINCT row_no) FROM import_refusal),
       (SELECT count(*) FROM import_known k WHERE k.is_there
           AND NOT EXISTS (SELECT FROM import_refusal f WHERE f.row_no = k.row_no)),
       count(*), count(*) FILTER (WHERE is_new), min(person_id) FILTER (WHERE is_new),
       max(person_id) FILTER (WHERE is_new), min(membership_id), max(membership_id)
  FROM import_place
"""


@dataclass(frozen=True)
class Counts:
    """What the checks found: rows of the file, and of these refused, there already, and to be stored; the new ids."""

    rows: int
    refused: int
    already_there: int
    to_store: int
    new_people: int
    first_person: int | None
    last_person: int | None
    first_membership: int | None
    last_membership: int | None


def open_tables() -> None:
    """Make the staging tables, empty."""
    drop_tables()
    _execute(_CREATE)


def drop_tables() -> None:
    """Remove the staging tables; a connection that lives on keeps nothing of the file."""
    _execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{table}' for table in _TABLES)}")


def may_make_tables() -> bool:
    """Whether this role may make temporary tables."""
    return bool(_execute("SELECT has_database_privilege(current_database(), 'TEMP')").fetchone()[0])


def stage(staged: Staged) -> None:
    """Take in the rows of a chunk."""
    copy_in("import_row", ROW_COLUMNS, staged.staged)
    copy_in("import_refusal", REFUSAL_COLUMNS, staged.refused)


def check_in_sets(plan_id: int, allowed: dict[str, str]) -> Counts:
    """Refuse what can't be taken, and give every other row its place. May be asked again after rows were stored."""
    for statement in filter(None, (each.strip() for each in _FORGET.split(";"))):
        _execute(statement)
    values = {"plan": plan_id}
    _execute("ANALYZE import_row")
    _execute(_FIND_KNOWN, values)
    _execute("ANALYZE import_known")
    for check in _CHECKS:
        _refuse(check, values, allowed)
    _execute(_FIND_PAYERS)
    _execute("ANALYZE import_payer")
    for check in _CHECKS_OF_PAYERS:
        _refuse(check, values, allowed)
    _execute("ANALYZE import_refusal")
    people, memberships = _execute(_SEQUENCES).fetchone()
    _execute(_GIVE_PLACES, {"people": people, "memberships": memberships})
    _execute("ANALYZE import_place")
    _execute(_GIVE_PAYERS)
    if _execute(_LOST_PAYERS).fetchone()[0]:
        raise AssertionError("a row was about to be stored without its payer")
    _execute("CREATE INDEX ON import_place (chunk_no)")
    return Counts(*_execute(_COUNTS).fetchone())


def chunks_with_places(*, is_late: bool) -> list[int]:
    """The chunks that have rows to store: with their payers (`is_late` false), or after those of other chunks."""
    sql = "SELECT DISTINCT chunk_no FROM import_place WHERE is_late = %(late)s ORDER BY chunk_no"
    return [int(row[0]) for row in _execute(sql, {"late": is_late}).fetchall()]


def places_in(chunk_no: int, *, is_late: bool) -> bytes:
    """The places of a chunk's rows, one line of PLACE_COLUMNS each, as `copying.write_up` reads them."""
    sql = (
        f"COPY (SELECT {', '.join(PLACE_COLUMNS)} FROM import_place"  # noqa: S608 - our own names and numbers
        f" WHERE chunk_no = {int(chunk_no)} AND is_late = {bool(is_late)} ORDER BY row_no) TO STDOUT"
    )
    return b"".join(_copy_out(sql))


def refusals() -> Iterator[Refusal]:
    """All that is refused, by row, streamed."""
    sql = (
        "COPY (SELECT row_no, column_name, wrong, allowed FROM import_refusal"
        " ORDER BY row_no, column_name, wrong) TO STDOUT (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\b')"
    )
    rest = b""
    for block in _copy_out(sql):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            row, column, wrong, allowed = line.decode().split("\t")
            yield Refusal(int(row), column, wrong, allowed)


def copy_in(table: str, columns: Iterable[str], data: bytes) -> None:
    """COPY text into a table over Django's connection."""
    if data:
        sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(sql) as copy:
            copy.write(data)


def _copy_out(sql: str) -> Iterator[bytes]:
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        yield from (bytes(block) for block in copy)


def _refuse(check: _Check, values: dict[str, Any], allowed: dict[str, str]) -> None:
    _execute(
        "INSERT INTO import_refusal (row_no, column_name, wrong, allowed, is_of_a_set)"  # noqa: S608 - our own text
        f" SELECT found.row_no, %(column)s, found.wrong, %(allowed)s, true FROM ({check.sql}) AS found (row_no, wrong)",
        {**values, "column": check.column, "allowed": allowed[check.column]},
    )


def _execute(sql: str, values: dict[str, Any] | None = None) -> Any:
    cursor = connection.cursor()
    cursor.execute(sql, values)
    return cursor
