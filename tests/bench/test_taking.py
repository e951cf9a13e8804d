"""Both benchmarks from end to end, as small as can be: parts on their own, figures kept, failures told."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.locks import AdvisoryLock
from bench import place
from bench.management.commands import bench, bench_members
from bench.taking import Figures, Part, TakingFigures, last


def run(command: Any, file: Path, *arguments: str) -> tuple[Figures, str]:
    """The figures that the command wrote and what it showed."""
    shown = io.StringIO()
    arguments = ("--tiny", "--template", this_database(), "--json", str(file), *arguments)
    call_command(command, *arguments, stdout=shown, stderr=io.StringIO())
    return json.loads(file.read_text(encoding="utf-8")), shown.getvalue()


def this_database() -> str:
    """Migrated and empty: copying it takes no minute, once no server of an earlier test is connected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    return str(connection.settings_dict["NAME"])


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.bare_entries
@pytest.mark.django_db(transaction=True)
def test_the_whole_bench_measures_every_part(tmp_path: Path) -> None:
    found, shown = run(bench.Command(), tmp_path / "bench.json")

    assert found["failed"] == {}
    assert found["size"] == "tiny"
    assert set(bench.Command.part_names) <= set(found)
    assert found["ballot"]["first_ballot"]["runs"] == bench.TINY.ballots
    assert [found["closing"][size]["members"] for size in ("small", "large")] == list(bench.TINY.members)
    assert [found["worklist"][size]["claims"] for size in ("small", "large")] == list(bench.TINY.claims)
    assert found["closing"]["same_number_of_queries"]
    assert found["worklist"]["same_number_of_queries"]
    entries = found["log"]["log"]["entries"]
    assert entries >= bench.TINY.entries
    assert "Closing: 2 times as many take" in shown
    assert f"the proof of one of {entries} entries" in shown
    assert not {place.NAME, place.EMPTY} & databases()
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]


@pytest.mark.django_db(transaction=True)
def test_the_whole_bench_of_many_members_measures_every_part(tmp_path: Path) -> None:
    found, shown = run(bench_members.Command(), tmp_path / "members.json", "--workers", "1")

    assert found["failed"] == {}
    assert [one["rows"] for one in found["imports"]["sizes"]] == list(bench_members.TINY.rows)
    assert found["split"]["rows"] == bench_members.TINY.rows[0]
    assert [one["members"] for one in found["lookups"]["sizes"]] == list(bench_members.TINY.members)
    assert "2 times the members: at most" in shown


class Invented(TakingFigures):
    """A benchmark of parts that end as they are told, in a place of its own all the same."""

    file_name = "invented.json"
    part_names = ("first", "breaks", "half", "last")

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.seen: list[set[str]] = []

    def parts(self, options: dict[str, Any]) -> Mapping[str, Part]:
        return {"first": self._good, "breaks": self._breaks, "half": self._half, "last": self._good}

    def table(self, found: Figures, part: str) -> Iterable[str]:
        return [f"{part} shows {found[part]['figure']}"]

    def _good(self, measured: Any) -> Iterator[Figures]:
        self.seen.append(set(json.loads(self.file.read_text(encoding="utf-8"))))
        yield {"figure": 7}

    def _breaks(self, measured: Any) -> Iterator[Figures]:
        return measured("worklist", runs=1)  # without the size that it needs

    def _half(self, measured: Any) -> Iterator[Figures]:
        yield {"figure": 1}
        last([])


@pytest.mark.django_db(transaction=True)
def test_a_part_that_fails_costs_no_other_its_figures(tmp_path: Path) -> None:
    file, shown, told = tmp_path / "b.json", io.StringIO(), io.StringIO()
    command = Invented(file)

    with pytest.raises(CommandError, match=r"(?s)breaks failed: .*IndexError.*half failed: the measurement ended"):
        call_command(command, "--template", this_database(), "--json", str(file), stdout=shown, stderr=told)

    found = json.loads(file.read_text(encoding="utf-8"))
    assert set(found["failed"]) == {"breaks", "half"}
    assert (found["first"], found["half"], found["last"]) == ({"figure": 7}, {"figure": 1}, {"figure": 7})
    assert "breaks" not in found
    # What was taken stood in the file before the next part began.
    assert "first" not in command.seen[0]
    assert {"first", "half"} <= command.seen[1]
    assert "first shows 7" in shown.getvalue()
    assert "last shows 7" in shown.getvalue()
    assert "half shows" not in shown.getvalue()
    assert "breaks failed" in told.getvalue()


@pytest.mark.parametrize(
    ("only", "name"), [(None, "bench.json"), (["log"], "bench-log.json"), (["ballot", "log"], "bench-ballot-log.json")]
)
def test_chosen_parts_do_not_take_the_place_of_all(only: list[str] | None, name: str) -> None:
    assert bench.Command()._file_name(only) == name


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'ballots'"):
        call_command("bench", "--only", "ballots")


@pytest.mark.django_db(transaction=True)
def test_a_second_benchmark_is_told_to_wait_and_leaves_the_figures(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_text("figures", encoding="utf-8")
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [int(AdvisoryLock.BENCHMARK)])

        with pytest.raises(CommandError, match="Another benchmark is running on this server"):
            call_command("bench", "--tiny", "--json", str(file), stdout=io.StringIO())

    assert file.read_text(encoding="utf-8") == "figures"


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    command = Invented(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(CommandError, match="can't be written"):
        run(command, tmp_path / "file" / "b.json")

    assert command.seen == []
