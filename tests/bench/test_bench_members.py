"""What many members cost is measured as it says, and no look-up of a claim reads a table whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Q

from bench import importing, lookups
from bench.crowd import make_plan, tidy
from bench.management.commands import bench_members
from bench.roster import write_roster
from members.imports.checking import Checker
from members.imports.reading import Source, rows_of
from members.models import Membership, Person
from tests.members.imports.making import terms

MEMBERS = 20_000
MOST_PAGES = 300
"""Thirty-two jurors with person and membership take the most: three rows each, each down an index of a few levels."""


@pytest.mark.django_db(transaction=True)
def test_no_look_up_of_a_claim_reads_a_table_whole() -> None:
    plan = make_plan("bench-lookups")
    lookups.add_rows(plan, 1, MEMBERS)
    tidy()
    user = lookups._user(2_000)

    for one in lookups.LOOK_UPS:
        number = one.every * (2_000 // one.every)
        assert len(one.asks(plan, number)) == one.finds, one.name
        seen = lookups.footprint(one.asks(plan, number))
        assert not seen.read_whole, f"{one.name} reads {seen.read_whole}"
        assert 0 < seen.pages < MOST_PAGES, one.name
    # What the selectors avoid would be seen.
    either = Membership.objects.filter(Q(person__user=user) | Q(person__payer__user=user))
    assert "members_person" in lookups.footprint(either).read_whole
    assert lookups.footprint(Person.objects.filter(address_digest="x")).read_whole == ("members_person",)
    # Counting members is the one look-up that grows with them: an index holds all that it asks. Whether walking it is
    # cheaper than the table depends on what a vacuum could mark as visible to everybody, which is not asked here.
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    steps = lookups.cohort_count_plan(plan)
    with connection.cursor() as cursor:
        cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan")
    assert "Index Only Scan" in steps
    assert not {"Seq Scan", "Index Scan", "Bitmap Heap Scan", "Parallel Seq Scan"} & set(steps)


@pytest.mark.django_db(transaction=True)
def test_every_size_is_measured_in_one_growing_database() -> None:
    small, large = lookups.measure([400, 800], 4)

    assert (small["members"], large["members"]) == (400, 800)
    assert Membership.objects.count() == 800
    assert small["look_ups"].keys() == large["look_ups"].keys() == {one.name for one in lookups.LOOK_UPS}
    assert all(one["runs"] == 4 and one["pages"] > 0 for one in large["look_ups"].values())


@pytest.mark.django_db(transaction=True)
def test_an_import_is_measured_by_what_it_really_stored() -> None:
    found = importing.measure(120, 1)

    assert Membership.objects.count() == 120
    assert found["rows"] == 120
    assert min(found[key] for key in found if key.endswith("a_second")) > 0
    assert found["worker_peak_mib"] > 10


@pytest.mark.django_db
def test_the_parts_of_an_import_are_its_whole() -> None:
    found = importing.split(200)

    assert Membership.objects.count() == 200
    assert set(found["parts"]) == {
        "check and seal each row",
        "stage",
        "check in sets",
        "give ids",
        "store people",
        "store memberships",
        "references and commit",
    }
    assert found["whole"]["python"] >= found["parts"]["check and seal each row"]["python"] > 0
    assert found["whole"]["wall"] > found["finished_rows"]["wall"] > found["parts"]["store people"]["wall"] > 0
    assert min(found["sealing_us_a_person"].values()) > 0


def test_every_row_of_a_roster_is_good_and_another(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    write_roster(path, 3_000)
    checker = Checker(terms("xhb-2020-01-01"))
    with Source(path, "csv", 1_000) as source:
        drafts = [checker.check(row)[0] for chunk in source.chunks() for row in rows_of(chunk, "csv", source.order)]

    good = [draft for draft in drafts if draft is not None]
    assert len(good) == len({draft.external_id for draft in good}) == len({draft.id_number for draft in good}) == 3_000
    assert sum(draft.payer_external_id != "" for draft in good) == 750
    assert sum(draft.left_at is not None for draft in good) == 300


def test_the_tables_show_the_figures_and_what_was_read_whole() -> None:
    looked = {"median_ms": 1.5, "pages": 4, "read_whole": []}
    read = {"median_ms": 99.0, "pages": 400, "read_whole": ["members_person"]}
    sizes = [
        {"members": size, "look_ups": {"a person by name": one}, "cohort_count": {"median_ms": size / 10}}
        for size, one in ((10, looked), (1000, read))
    ]
    one_import = {
        "rows": 1000, "bare_copy_rows_a_second": 300_000, "import_rows_a_second": 10_000,
        "again_rows_a_second": 20_000, "share_of_bare_copy": 0.03, "peak_mib": 80.0, "worker_peak_mib": 90.0,
    }  # fmt: skip
    split = {
        "parts": {"encrypt": {"python": 40.0, "postgres": 0.1}, "commit": {"python": 0.5, "postgres": 9.0}},
        "bare_copy": {"python": 0.2, "postgres": 3.0},
        "whole": {"python": 40.5, "postgres": 9.1},
        "finished_rows": {"python": 0.5, "postgres": 9.0},
        "sealing_us_a_person": {"as one": 2.0, "value by value": 54.0},
    }
    found = {"imports": {"sizes": [one_import]}, "split": split, "lookups": {"sizes": sizes}}

    shown = "\n".join(
        line for part in bench_members.Command.part_names for line in bench_members.TABLES[part](found[part])
    )
    assert "300,000" in shown
    assert re.search(r"import, together +40\.5 +9\.1", shown)
    assert re.search(r"of these: COPY of finished rows +0\.5 +9\.0", shown)
    assert "99.00 (400) READS members_person" in shown
    assert "100 times the members: at most 100.0 times the pages of a look-up." in shown
    assert "Sealing a person: 2.0 µs as one value, 54.0 µs value by value." in shown
