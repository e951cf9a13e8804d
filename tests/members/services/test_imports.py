"""Importing memberships: the good rows in, the bad ones told, twice the same as once."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.roles import AdministratorOnly
from members.fields import blind_index, blind_number
from members.imports import staging
from members.imports.copying import MEMBERSHIP_COLUMNS, PERSON_COLUMNS
from members.imports.spool import Spool
from members.models import Dissolution, Membership, Person, Plan, User
from members.services.dissolutions import confirm_end
from members.services.imports import ImportStopped, RowsRefused
from members.services.people import register_person
from tests.bent import bend
from tests.factories import SHANGHAI, make_plan_version, make_user
from tests.members.imports.making import member
from tests.members.imports.running import Ran, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    make_plan_version("xhb-2019-01-01")
    return make_plan_version("xhb-2020-01-01").plan


def test_a_row_becomes_a_person_and_a_membership_as_if_they_had_joined(plan: Plan, tmp_path: Path) -> None:
    done = run(plan, tmp_path, member(1, name="王小明", gifted="yes", carried_minor="188"))

    assert done.counts == (1, 1, 0, 0)
    person, membership = Person.objects.get(), Membership.objects.get()
    assert (person.name, person.born_on, person.sex) == ("王小明", dt.date(1985, 5, 17), "male")
    assert (person.id_number, person.phone) == ("ID00000001", "13900000001")
    assert (person.address, person.employer) == ("1 Harbour Road", "Beihu Textiles")
    assert (person.import_key, person.user, person.payer) == ("M1", None, None)
    assert person.public_id.version == 4
    assert membership.person == person
    assert membership.plan == plan
    assert membership.joined_at == membership.waits_from == dt.datetime(2024, 3, 1, tzinfo=SHANGHAI)
    assert (membership.left_at, membership.end_reason) == (None, "")
    assert membership.first_notice_on == dt.date(2024, 3, 7)
    assert (membership.is_gifted, membership.carried_minor) == (True, 188)


def test_personal_data_is_encrypted_and_indexed_as_a_save_would(plan: Plan, tmp_path: Path) -> None:
    run(plan, tmp_path, member(1), member(2, phone="", employer=""))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p)::text FROM members_person p")
        stored = "".join(row[0] for row in cursor.fetchall())

    assert not [text for text in ("Wang", "1985-05-17", "ID0000", "1390", "Harbour", "Textiles") if text in stored]
    imported = Person.objects.get(import_key="M1")
    digests = {
        name: getattr(imported, name)
        for name in ("born_digest", "name_digest", "id_digest", "phone_digest", "address_digest", "employer_digest")
    }
    bend(imported)
    assert digests == {name: getattr(imported, name) for name in digests}
    assert digests["phone_digest"] == blind_index("phone", "13900000001")
    assert digests["name_digest"] == blind_number("name", imported.name) is not None
    bare = Person.objects.get(import_key="M2")
    assert (bare.phone, bare.phone_digest, bare.employer_digest) == ("", "", "")


def test_every_column_of_the_tables_is_written_or_rightly_left_alone() -> None:
    """A column that comes later and has no default of the database's would stop every import."""
    people = {field.column for field in Person._meta.local_concrete_fields}
    memberships = {field.column for field in Membership._meta.local_concrete_fields}

    assert people - set(PERSON_COLUMNS) == {"user_id"}
    assert memberships - set(MEMBERSHIP_COLUMNS) == {"moved_from_id"}


def test_nobody_is_imported_into_a_plan_that_ends(plan: Plan, tmp_path: Path) -> None:
    version, now = plan.versions.latest("starts_at"), clock.now()
    end = Dissolution.objects.create(
        plan=plan,
        plan_version=version,
        notice_on=now.date(),
        members=1,
        members_needed=2,
        ends_on=now.date() + dt.timedelta(days=30),
        ends_at=now + dt.timedelta(days=30),
        surplus_to="members",
        proposed_by=make_user(None, "reviewer"),
        proposed_at=now,
    )
    assert run(plan, tmp_path, member(1)).counts == (1, 1, 0, 0)
    confirm_end(dissolution_id=end.pk, at=now, by=make_user(None, "reviewer"))
    with pytest.raises(ImportStopped, match="accepts no new members: it ends on"):
        run(plan, tmp_path, member(2))
    assert Membership.objects.count() == 1


def test_twice_is_once(plan: Plan, tmp_path: Path) -> None:
    rows = [member(1), member(2, payer_external_id="M1"), member(3, born_on="?"), member(2)]
    first = run(plan, tmp_path, *rows)
    before = list(Person.objects.order_by("pk").values())
    entries = Entry.objects.count()
    second = run(plan, tmp_path, *rows)

    assert first.counts == (4, 2, 0, 2)
    assert second.counts == (4, 0, 2, 2)
    assert first.told == second.told
    assert list(Person.objects.order_by("pk").values()) == before
    assert Entry.objects.count() == entries


def test_ndjson_imports_the_same(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "m.ndjson"
    path.write_text(json.dumps(member(1) | {"gifted": True, "carried_minor": 5, "payer_external_id": None}) + "\n")

    assert Ran(plan, path, file_format="ndjson").counts == (1, 1, 0, 0)
    assert Membership.objects.get().carried_minor == 5


@pytest.mark.parametrize("rows_a_batch", [1, 2, 100])
def test_a_payer_stands_before_or_after_or_in_the_database(plan: Plan, tmp_path: Path, rows_a_batch: int) -> None:
    registered = register_person(name="Registered", born_on=dt.date(1980, 1, 1), import_key="OLD", by=SYSTEM)
    done = run(
        plan,
        tmp_path,
        member(1, payer_external_id="M3"),
        member(2, payer_external_id="OLD"),
        member(3),
        member(4, payer_external_id="M3"),
        rows_a_batch=rows_a_batch,
    )

    assert done.counts == (4, 4, 0, 0)
    payers = dict(Person.objects.exclude(payer=None).values_list("import_key", "payer__import_key"))
    assert payers == {"M1": "M3", "M2": registered.import_key, "M4": "M3"}


def test_a_payer_who_cannot_pay_is_refused(plan: Plan, tmp_path: Path) -> None:
    payer = register_person(name="Payer", born_on=dt.date(1980, 1, 1), import_key="OLD", by=SYSTEM)
    register_person(name="Child", born_on=dt.date(2015, 1, 1), import_key="CHILD", payer=payer, by=SYSTEM)
    done = run(
        plan,
        tmp_path,
        member(1, payer_external_id="NOBODY"),
        member(2, payer_external_id="CHILD"),
        member(3),
        member(4, payer_external_id="M3"),
        member(5, payer_external_id="M4"),
        member(6, born_on="?"),
        member(7, payer_external_id="M6"),
    )

    assert done.told == [
        (2, "payer_external_id", "stands neither in the file nor in the database"),
        (3, "payer_external_id", "is paid for by somebody else"),
        (6, "payer_external_id", "is paid for by somebody else"),
        (7, "born_on", "is not a day"),
        (8, "payer_external_id", "stands in row 7, which is refused"),
    ]
    assert set(Membership.objects.values_list("person__import_key", flat=True)) == {"M3", "M4"}


def test_the_same_id_twice_in_the_file_is_taken_once(plan: Plan, tmp_path: Path) -> None:
    done = run(
        plan,
        tmp_path,
        member(1),
        member(1, id_number="other"),
        member(2, id_number="id 0000 0001"),
        member(3, id_number=""),
        member(4, id_number=""),
        rows_a_batch=2,
    )

    assert done.told == [
        (3, "external_id", "stands in row 2 too"),
        (4, "id_number", "stands in row 2 too"),
    ]
    assert done.done.stored == 3


def test_an_identity_number_of_somebody_registered_is_refused(plan: Plan, tmp_path: Path) -> None:
    register_person(name="By hand", born_on=dt.date(1985, 5, 17), id_number="ID00000001", by=SYSTEM)
    done = run(plan, tmp_path, member(1), member(2))

    assert done.told == [(2, "id_number", "is registered for somebody else")]
    assert Person.objects.count() == 2


def test_somebody_known_gets_another_membership_if_it_is_shown_to_be_them(plan: Plan, tmp_path: Path) -> None:
    ended = {"left_at": "2024-06-01", "end_reason": "left"}
    run(plan, tmp_path, member(1, **ended), member(2), member(3, id_number="", **ended))
    again = {"joined_at": "2024-06-01"}
    done = run(
        plan, tmp_path, member(1, **again), member(2, **again), member(3, id_number="", **again), member(4, **again)
    )

    assert done.counts == (4, 2, 0, 2)
    assert [(row, column) for row, column, _wrong in done.told] == [(3, "joined_at"), (4, "external_id")]
    person = Person.objects.get(import_key="M1")
    assert [one.joined_at.astimezone(SHANGHAI).month for one in person.memberships.order_by("joined_at")] == [3, 6]
    assert Person.objects.count() == 4


@pytest.mark.parametrize(
    ("joined_at", "left_at", "is_taken"),
    [
        ("2024-01-01", "2024-03-01", True),
        ("2024-01-01", "2024-03-01T00:00:01", False),
        ("2024-05-31T23:59:59", "", False),
        ("2024-06-01", "", True),
        ("2024-04-01", "2024-05-01", False),
        ("2024-01-01", "", False),
    ],
)
def test_memberships_of_one_plan_never_overlap(
    plan: Plan, tmp_path: Path, joined_at: str, left_at: str, is_taken: bool
) -> None:
    run(plan, tmp_path, member(1, left_at="2024-06-01", end_reason="left"))
    reason = "left" if left_at else ""
    done = run(plan, tmp_path, member(1, joined_at=joined_at, left_at=left_at, end_reason=reason))

    assert done.done.stored == int(is_taken)
    assert [column for _row, column, _wrong in done.told] == ([] if is_taken else ["joined_at"])


@pytest.mark.parametrize("is_atomic", [False, True])
def test_what_somebody_was_before_and_between_is_imported_in_any_order(
    plan: Plan, tmp_path: Path, is_atomic: bool
) -> None:
    for joined_at, left_at in (("06-01", ""), ("02-01", "03-01"), ("04-01", "06-01"), ("03-01", "03-15")):
        end = {"left_at": f"2024-{left_at}", "end_reason": "left"} if left_at else {}
        done = run(plan, tmp_path, member(1, joined_at=f"2024-{joined_at}", **end), is_atomic=is_atomic)
        assert (done.done.stored, done.told) == (1, [])

    chain = Membership.objects.order_by("joined_at").values_list("previous_left_at", "left_at")
    assert [before for before, _left in chain] == [None, *(left for _before, left in chain)][:-1]
    assert [one.astimezone(SHANGHAI).month for _before, one in chain if one] == [3, 3, 6]


def test_a_membership_of_another_plan_overlaps_nothing(plan: Plan, tmp_path: Path) -> None:
    run(plan, tmp_path, member(1))
    source = make_plan_version("xhb-2020-01-01", **{'code = "xhb"': 'code = "other"'})

    assert run(source.plan, tmp_path, member(1)).counts == (1, 1, 0, 0)
    assert Person.objects.get().memberships.count() == 2


def test_another_payer_than_the_registered_one_is_refused(plan: Plan, tmp_path: Path) -> None:
    run(plan, tmp_path, member(1), member(2, left_at="2024-06-01", end_reason="left"))
    done = run(plan, tmp_path, member(2, joined_at="2024-07-01", payer_external_id="M1"))

    assert done.told == [(2, "payer_external_id", "is another payer than the one with whom this person is registered")]


def test_one_import_is_told_by_its_entries_and_not_by_one_a_row(plan: Plan, tmp_path: Path) -> None:
    before = Entry.objects.count()
    done = run(plan, tmp_path, member(1), member(2), member(3, sex="?"), rows_a_batch=1)

    begun, ended = Entry.objects.order_by("pk")[before:]
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    memberships = list(Membership.objects.order_by("pk").values_list("pk", flat=True))
    assert (begun.kind, ended.kind) == ("memberships.import_begun", "memberships.imported")
    assert begun.stream == ended.stream == "plan:xhb"
    assert ended.body == begun.body | {"stored": 2, "identities_doubted": 0}
    assert begun.body == {
        "file_digest": done.done.digest,
        "rows": 3,
        "refused": 1,
        "already_there": 0,
        "people": [ids[0], ids[-1]],
        "memberships": [memberships[0], memberships[-1]],
    }


def test_all_or_nothing(plan: Plan, tmp_path: Path) -> None:
    entries = Entry.objects.count()
    with pytest.raises(RowsRefused, match="1 rows are refused, so nothing was imported"):
        run(plan, tmp_path, member(1), member(2, sex="?"), is_atomic=True)
    assert not Person.objects.exists()
    assert Entry.objects.count() == entries

    assert run(plan, tmp_path, member(1), member(2), is_atomic=True, rows_a_batch=1).counts == (2, 2, 0, 0)
    assert Entry.objects.count() == entries + 1


def test_a_plan_without_a_version_takes_nobody(tmp_path: Path) -> None:
    plan = Plan.objects.create(code="empty", currency="CNY", timezone="Asia/Shanghai")
    with pytest.raises(ImportStopped, match="no published version"):
        run(plan, tmp_path, member(1))


def test_only_the_administrator_imports(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(AdministratorOnly):
        run(plan, tmp_path, member(1), by=make_user(None, "reviewer"))
    administrator = make_user(is_superuser=True)

    assert run(plan, tmp_path, member(1), by=administrator).done.stored == 1
    assert Entry.objects.latest("pk").actor == User.objects.get(pk=administrator.pk).audit_ref


def test_what_waits_holds_no_personal_data(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    monkeypatch.setattr(Spool, "keep", lambda _self, data: kept.append(data))
    monkeypatch.setattr(Spool, "piece", lambda _self, number: kept[number])
    run(plan, tmp_path, member(1), member(2))

    assert Person.objects.count() == 2
    text = b"".join(kept).decode()
    assert not [one for one in ("Wang", "1985-05-17", "ID0000", "1390", "Harbour", "Textiles") if one in text]


def test_a_backslash_in_an_external_id_stays_one(plan: Plan, tmp_path: Path) -> None:
    rows = [member(1, external_id="a\\tb"), member(2, external_id="c\\", payer_external_id="a\\tb")]

    assert run(plan, tmp_path, *rows).counts == (2, 2, 0, 0)
    assert run(plan, tmp_path, *rows).counts == (2, 0, 2, 0)
    assert Person.objects.get(import_key="c\\").payer == Person.objects.get(import_key="a\\tb")


def test_a_role_without_temporary_tables_is_told_what_to_set(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "may_make_tables", lambda: False)
    with pytest.raises(ImportStopped, match="grant_runtime_role"):
        run(plan, tmp_path, member(1))


def test_the_checks_make_as_many_queries_for_a_hundred_rows_as_for_ten(plan: Plan, tmp_path: Path) -> None:
    counted = []
    for start, count in ((0, 10), (1000, 100)):
        with CaptureQueriesContext(connection) as captured:
            run(plan, tmp_path, *(member(start + number) for number in range(count)))
        counted.append(len(captured))

    assert counted[0] == counted[1]
