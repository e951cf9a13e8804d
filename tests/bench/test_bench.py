"""The benchmark measures what it says. How long anything takes decides no test."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from allocation.models import Period
from audit.models import Checkpoint, Entry, Leaf, Pending
from bench import ballot, closing, log, place, worklist
from bench.figures import Spread, clocked, ratio
from bench.management.commands import bench
from jury.models import Ballot
from members.models import Membership


def test_median_and_percentile_of_known_durations() -> None:
    spread = Spread.of([number / 1000 for number in range(1, 101)])

    assert spread == Spread(runs=100, median_ms=50.5, p95_ms=95.0)
    assert Spread.of([0.002]) == Spread(1, 2.0, 2.0)


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_ratio_says_how_many_times() -> None:
    assert ratio(21.62, 3.46) == 6.25


def test_the_clock_runs_while_the_act_does() -> None:
    done: list[int] = []

    assert clocked(lambda: done.append(1)) >= 0
    assert done == [1]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p%40@h:5432/assize", "postgres://u:p%40@h:5432/assize_bench"),
        ("postgres://u@/assize?host=%2Ftmp%2Fs&port=1", "postgres://u@/assize_bench?host=%2Ftmp%2Fs&port=1"),
    ],
)
def test_only_the_database_s_name_changes(url: str, expected: str) -> None:
    assert place.url_of(url, place.NAME) == expected


@pytest.mark.bare_entries
@pytest.mark.django_db(transaction=True)
def test_the_number_of_queries_is_the_same_at_every_size() -> None:
    few, many = closing.measure([320, 640], 1)
    short, long = worklist.measure(10, 1), worklist.measure(60, 1)

    assert (few["members"], many["members"]) == (320, 640)
    assert few["cohorts"] == many["cohorts"] == 32
    assert few["queries"] == many["queries"]
    assert Period.objects.filter(status="charged").count() == 4
    assert (short["claims"], long["claims"]) == (10, 60)
    assert short["queries"] == long["queries"]


@pytest.mark.django_db(transaction=True)
def test_every_ballot_that_is_timed_is_really_cast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", place.url_of(settings.DATABASE_URL, connection.settings_dict["NAME"]))
    monkeypatch.setattr(ballot, "WARM_UP", 1)

    found = ballot.measure(7)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_row")
        assert cursor.fetchone() == (16,)  # eight by the view and eight by the statement
        cursor.execute("DROP TABLE bench_row")
    # Eight first ballots and eight later ones in turns; of the seats that cast again one ballot each before, one two.
    assert Ballot.objects.count() == 8 + 8 + ballot.AGAIN + 1
    parts = ("first_ballot", "ballot_again", "bare_view", "bare_statement")
    assert {found[part]["runs"] for part in parts} == {7}
    assert found["queries"]["first"] > found["queries"]["again"] > 1


def figures_of(median_ms: float, **more: Any) -> dict[str, Any]:
    return {"runs": 5, "median_ms": median_ms, "p95_ms": 2 * median_ms, **more}


def test_the_table_shows_medians_ratios_and_other_query_counts() -> None:
    small, large = (figures_of(size, members=size, claims=size, queries=9 + size, peak_mib=100.0) for size in (1, 1000))
    pair = bench.pair([small, large], "members")
    cast, written = figures_of(6.0), figures_of(2.0)
    found = {
        "ballot": {
            "first_ballot": cast, "ballot_again": cast, "bare_view": written, "bare_statement": written,
            "queries": {"first": 8, "again": 7}, "server_peak_mib": 90.0,
            "first_times_the_bare_view": 3.0, "again_times_the_bare_view": 2.5,
            "first_times_the_bare_statement": 3.0, "again_times_the_bare_statement": 3.0,
        },
        "closing": pair,
        "worklist": pair | {"same_number_of_queries": True},
        "log": {
            "act": {"end_a_membership": {"more_percent": 9.5}},
            "log": {
                "entries": 12_345, "placed_a_second": 50_000, "proof": figures_of(4.0), "speed_of_bare_hashing": 0.5,
                "verify_one_process": {"seconds": 9.0},
                "processor": {
                    "python_us": 3.5, "postgres_us": 1.5, "bare_hashing_us": 1.3,
                    "speed_of_bare_hashing_on_two_cores": 0.52,
                },
                "verify_all_cores": {"seconds": 5.0, "processes": 2, "peak_mib": 80.0},
            },
        },
    }  # fmt: skip

    shown = "\n".join(line for part in bench.Command.part_names for line in bench.TABLES[part](found[part]))

    assert "A first ballot costs 3.0 times the bare view, a later one 2.5 times" in shown
    assert "Closing: 1000 times as many take 1000.0 times the time, 1.0 times the memory, A DIFFERENT NUMBER" in shown
    assert "closing a period, 1,000 members" in shown
    assert "the worklist, 1,000 claims waiting" in shown
    assert "the proof of one of 12,345 entries" in shown
    assert "ending a membership 9.5 % more time" in shown
    assert "verified in 5.0 s by 2 processes" in shown
    assert "on two free cores 0.52 times its speed" in shown


@pytest.mark.django_db(transaction=True)
def test_the_log_that_is_measured_is_placed_proven_and_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("WARM_UP", 1), ("PROOFS", 3), ("AT_ONCE", 200), ("SAMPLE", 50)):
        monkeypatch.setattr(log, name, value)

    acts, found = log.acts(2), log.of_length(600)

    assert all(figure >= 0 for figure in found["processor"].values())
    assert found["entries"] == Leaf.objects.count() >= 600
    assert not Pending.objects.exists()
    assert Checkpoint.objects.count() == 1
    assert acts["end_a_membership"]["with"]["runs"] == 2
    assert Entry.objects.filter(kind="membership.ended").count() == 3
    assert Membership.objects.exclude(left_at=None).count() == 6
