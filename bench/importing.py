"""Importing memberships, compared with a bare COPY of the same file into a bare table, and where the time goes."""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from audit.actors import SYSTEM
from bench.crowd import make_plan
from bench.figures import ratio
from bench.roster import write_roster
from members.fields import cipher
from members.imports import staging
from members.imports.columns import COLUMNS
from members.imports.copying import MEMBERSHIP_COLUMNS, PERSON_COLUMNS, WrittenUp, write_up
from members.imports.reading import Source
from members.imports.spool import Spool
from members.imports.working import Setup
from members.models import Membership, Plan
from members.sealing import PersonSealer
from members.services.imports import ROWS_A_BATCH, allowed_texts, import_members, setup_for

_BLOCK = 1 << 20
_CIPHER_RUNS = 10_000
_OF_FINISHED_ROWS = ("store people", "store memberships", "references and commit")
"""The parts that remain if every row is prepared in advance: the minimum cost of any way into these tables."""


@dataclass
class _Cost:
    """The time of one part of the work in seconds: by the clock, of this process, and of the database process."""

    wall: float = 0.0
    python: float = 0.0
    postgres: float = 0.0
    _began: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))

    @classmethod
    def together(cls, costs: Iterable[_Cost]) -> _Cost:
        """Several as one."""
        found = list(costs)
        return cls(*(sum(getattr(cost, name) for cost in found) for name in ("wall", "python", "postgres")))

    def us_a_row(self, rows: int) -> dict[str, float]:
        """Microseconds for each row."""
        return {name: round(getattr(self, name) / rows * 1e6, 1) for name in ("wall", "python", "postgres")}


def measure(rows: int, workers: int) -> dict[str, Any]:
    """A bare COPY, the import by this many processes, and the import again, of one file with this many rows."""
    with _roster(rows) as path:
        plan = make_plan(f"bench-import-{rows}")
        bare = _bare_copy(path, _Cost())
        began = time.perf_counter()
        done = import_members(path=path, file_format="csv", plan=plan, by=SYSTEM, report=_none_refused, workers=workers)
        seconds = time.perf_counter() - began
        if done.stored != rows or Membership.objects.filter(plan=plan).count() != rows:
            raise RuntimeError(f"{done.stored} of {rows} rows were stored")
        began = time.perf_counter()
        again = import_members(
            path=path, file_format="csv", plan=plan, by=SYSTEM, report=_none_refused, workers=workers
        )
        again_seconds = time.perf_counter() - began
        if (again.stored, again.already_there) != (0, rows):
            raise RuntimeError(f"the second run stored {again.stored} rows")
        return {
            "rows": rows,
            "bytes_a_row": round(path.stat().st_size / rows),
            "bare_copy_rows_a_second": round(rows / bare),
            "import_rows_a_second": round(rows / seconds),
            "again_rows_a_second": round(rows / again_seconds),
            "share_of_bare_copy": ratio(bare, seconds),
            "worker_peak_mib": _peak_of_children(),
        }


def split(rows: int) -> dict[str, Any]:
    """Microseconds a row of each part of the import, one part after the other in this process, by whose processor."""
    with _roster(rows) as path, Source(path, "csv", ROWS_A_BATCH) as source:
        plan = make_plan(f"bench-split-{rows}")
        setup = setup_for(plan, source)
        bare = _Cost()
        _bare_copy(path, bare)
        # As in the processes of an import (members.imports.working).
        gc.disable()
        parts = _parts(source, setup, plan)
        gc.enable()
    return {
        "rows": rows,
        "bare_copy": bare.us_a_row(rows),
        "parts": {name: cost.us_a_row(rows) for name, cost in parts.items()},
        "finished_rows": _Cost.together(parts[name] for name in _OF_FINISHED_ROWS).us_a_row(rows),
        "whole": _Cost.together(parts.values()).us_a_row(rows),
        "sealing_us_a_person": _sealing(setup),
    }


def _parts(source: Source, setup: Setup, plan: Plan) -> dict[str, _Cost]:
    names = ("check and seal each row", "stage", "check in sets", "give ids", *_OF_FINISHED_ROWS)
    costs = {name: _Cost() for name in names}
    clerk = setup.clerk()
    staging.open_tables()
    with Spool() as spool:
        with transaction.atomic():
            for chunk in source.chunks():
                with _clocked(costs["check and seal each row"]):
                    staged = clerk.stage(chunk)
                with _clocked(costs["stage"]):
                    staging.stage(staged)
                    spool.keep(staged.kept)
        with _clocked(costs["check in sets"]):
            staging.check_in_sets(plan.pk, allowed_texts())
        for is_late in (False, True):
            for number in staging.chunks_with_places(is_late=is_late):
                with _clocked(costs["give ids"]):
                    written = write_up(
                        spool.piece(number), staging.places_in(number, is_late=is_late), setup.created_at
                    )
                _store(written, costs)
    staging.drop_tables()
    return costs


def _store(written: WrittenUp, costs: dict[str, _Cost]) -> None:
    """The same as `members.imports.storing.store`, each part by itself."""
    commit = transaction.atomic()
    commit.__enter__()
    with _clocked(costs["store people"]):
        staging.copy_in("members_person", PERSON_COLUMNS, written.people)
    with _clocked(costs["store memberships"]):
        staging.copy_in("members_membership", MEMBERSHIP_COLUMNS, written.memberships)
    with _clocked(costs["references and commit"]):
        commit.__exit__(None, None, None)


def _sealing(setup: Setup) -> dict[str, float]:
    """All data of a person sealed as one, compared with each value encrypted separately, as other personal data is."""
    data = ("王小明", "1985-05-17", "110101198505170011", "13900000001", "中山路 12 号 1234567", "Company 1234")
    one, sealer, public_id = cipher(), PersonSealer([setup.personal_data_key]), bytes(16)

    def by_value() -> None:
        for _ in range(_CIPHER_RUNS):
            for value in data:
                one.encrypt(value.encode())

    def by_person() -> None:
        for _ in range(_CIPHER_RUNS):
            sealer.seal(data, public_id)

    return {
        "value by value": round(_processor_seconds(by_value) / _CIPHER_RUNS * 1e6, 2),
        "as one": round(_processor_seconds(by_person) / _CIPHER_RUNS * 1e6, 2),
    }


def _bare_copy(path: Path, cost: _Cost) -> float:
    """Seconds to COPY the file unchanged into a table of the same columns, all text, without any index."""
    columns = ", ".join(f"{name} text" for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_roster ({columns})")
        sql = "COPY bench_roster FROM STDIN (FORMAT csv, HEADER)"
        with _clocked(cost), transaction.atomic(), path.open("rb") as file, cursor.copy(sql) as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
        cursor.execute("DROP TABLE bench_roster")
    return cost.wall


def _none_refused(refusals: Any) -> None:
    for one in refusals:
        raise RuntimeError(f"row {one.row}, {one.column}: {one.wrong}")


@contextmanager
def _roster(rows: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="assize-roster-") as folder:
        path = Path(folder) / "members.csv"
        write_roster(path, rows)
        yield path


@contextmanager
def _clocked(cost: _Cost) -> Iterator[None]:
    wall, python, postgres = time.perf_counter(), time.process_time(), _database_seconds()
    yield
    cost.wall += time.perf_counter() - wall
    cost.python += time.process_time() - python
    cost.postgres += _database_seconds() - postgres


def _database_seconds() -> float:
    """Processor time of the connection's server process; 0 where the server runs elsewhere or there is no /proc."""
    try:
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _processor_seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _peak_of_children() -> float:
    unit = 1024 if sys.platform == "darwin" else 1
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit / 1024, 1)
