"""The triggers of the state machines: nobody can switch them off for a session."""

from __future__ import annotations

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from audit.columns import ColumnTrigger
from audit.guards import UnswitchableTrigger
from tests.adjudication.making import make_claim
from tests.cast import Cast

SWITCHES = [
    "select 1",
    "select set_config('pgtrigger.ignore', (select '{' || string_agg(tgname, ',') || '}' from pg_trigger), true)",
]
"""The second asks for every trigger of the database to be passed over, as the library's own would be."""


@pytest.mark.django_db
@pytest.mark.parametrize("switch", SWITCHES, ids=["as it is", "with the switch"])
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update adjudication_claim set status = 'paid'", "not in the table of transitions"),
        ("delete from adjudication_claim", "never deleted"),
        ("truncate adjudication_claim cascade", "never deleted"),
    ],
)
def test_a_machine_holds_whatever_the_session_asks(cast: Cast, switch: str, sql: str, told: str) -> None:
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(DatabaseError, match=told), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set constraints all immediate; {switch}; {sql}")
    claim = type(claim).objects.get(pk=claim.pk)
    assert claim.status == "submitted"


@pytest.mark.django_db
def test_the_library_s_way_to_pass_over_triggers_changes_nothing(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    same = type(claim).objects.filter(pk=claim.pk)
    # The library asks in front of the statement, and the driver takes one statement at a time.
    with (
        pytest.raises(DatabaseError, match=r"transitions|commands|transaction"),
        transaction.atomic(),
        pgtrigger.ignore(),
    ):
        same.update(status="paid")
    assert same.get().status == "submitted"


@pytest.mark.django_db
def test_no_function_in_the_database_asks_for_the_switch() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select proname from pg_proc where prosrc ilike %s", ["%pgtrigger%ignore%"])
        assert cursor.fetchall() == []
    assert {type(trigger) for _model, trigger in pgtrigger.registered()} == {UnswitchableTrigger, ColumnTrigger}
