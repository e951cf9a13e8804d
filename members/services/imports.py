"""Importing memberships by the million."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit import clock
from audit.actors import Actor
from audit.locks import AdvisoryLock, leave, try_for_session
from audit.services import append
from members.imports import staging
from members.imports.checking import Terms
from members.imports.columns import Refusal, allowed_in
from members.imports.encodings import Encoding
from members.imports.reading import Format, Source
from members.imports.spool import Spool
from members.imports.storing import store
from members.imports.working import DISTURBED, Desk, OfficeDesk, OwnDesk, Placed, Setup, Stored
from members.models import Plan
from members.models.memberships import EndReason
from members.models.people import Sex
from members.selectors.dissolutions import certain_end_of
from members.selectors.identity import identities_doubted
from members.selectors.plans import versions_of
from members.services.people import OLDEST_YEARS
from members.services.roles import check_administrator

ROWS_A_BATCH = 10_000
MOST_WORKERS = 8
_WORTH_A_PROCESS_BYTES = 4 * 1024 * 1024
_ATTEMPTS = 3


class ImportStopped(Exception):
    """The import can't be done, or not to its end; the text says why and what to do."""


class RowsRefused(ImportStopped):
    """Rows are refused, and the import was to be all or nothing."""

    def __init__(self, refused: int) -> None:
        super().__init__(f"{refused:,} rows are refused, so nothing was imported. Mend them, or leave --atomic out.")
        self.refused = refused


@dataclass(frozen=True)
class Imported:
    """What became of a file: rows in all, and of these stored now, stored before, refused. `digest` is SHA-256."""

    rows: int
    stored: int
    already_there: int
    refused: int
    digest: str


Progress = Callable[[str, int, int], None]
Report = Callable[[Iterable[Refusal]], None]


def import_members(
    *,
    path: Path,
    file_format: Format,
    plan: Plan,
    by: Actor,
    report: Report,
    progress: Progress = lambda _phase, _done, _total: None,
    is_atomic: bool = False,
    rows_a_batch: int = ROWS_A_BATCH,
    workers: int | None = None,
    encoding: Encoding | None = None,
) -> Imported:
    """Import the memberships of a file (docs/importing.md), the good rows in, the bad ones to `report`.

    Each batch is a transaction; what is there already stays as it is, so a run that was interrupted is run again.
    `is_atomic` makes it one transaction, and any refusal stops it. `workers` is how many processes share the work
    (0: none; by default as many as the machine has cores where the file is large). `progress` hears phase, done and
    total. `encoding` is found out where it is not given and the file says it. Raises NotAnAdministrator,
    FileUnusable, ImportStopped, RowsRefused.
    """
    check_administrator(by)
    with ExitStack() as stack:
        stack.enter_context(_only_import())
        source = stack.enter_context(Source(path, file_format, rows_a_batch, encoding))
        setup = setup_for(plan, source)
        if workers is None:
            workers = min(os.cpu_count() or 1, MOST_WORKERS) if source.size > _WORTH_A_PROCESS_BYTES else 0
        desk: OwnDesk | OfficeDesk = OwnDesk(setup)
        if workers:
            desk = stack.enter_context(OfficeDesk(setup, workers))
        spool = stack.enter_context(Spool())
        _stage(source, desk, spool, progress)
        run = _Run(source, desk, spool, plan, by, report, progress, setup.created_at)
        return run.at_once() if is_atomic else run.by_batches()


@dataclass(frozen=True)
class _Run:
    """One import whose rows are staged."""

    source: Source
    desk: OwnDesk | OfficeDesk
    spool: Spool
    plan: Plan
    by: Actor
    report: Report
    progress: Progress
    asked_at: str

    def at_once(self) -> Imported:
        """All rows in one transaction, or none."""
        with transaction.atomic():
            counts = self._check()
            if counts.refused:
                raise RowsRefused(counts.refused)
            try:
                stored = sum(one.rows for one in self._store(counts, is_own_transaction=False))
                self._record(counts, stored, kind="memberships.imported")
            except DatabaseError as error:
                if isinstance(error.__cause__, DISTURBED):
                    raise ImportStopped(_DISTURBED + " Nothing was imported: run it again.") from None
                raise
        return self._outcome(counts, stored)

    def by_batches(self) -> Imported:
        """A transaction for each batch; a batch that somebody else disturbed is checked and tried again."""
        first = counts = self._check()
        stored = 0
        if counts.to_store:
            with transaction.atomic():
                self._record(counts, 0, kind="memberships.import_begun")
        for _attempt in range(_ATTEMPTS):
            is_disturbed = False
            for one in self._store(counts, is_own_transaction=True):
                stored += one.rows
                is_disturbed |= one.is_disturbed
            if not is_disturbed:
                break
            counts = _together(first, self._check())
        else:
            raise ImportStopped(f"{_DISTURBED} {stored:,} rows were stored: run it again to go on.")
        if stored:
            with transaction.atomic():
                self._record(counts, stored, kind="memberships.imported")
        return self._outcome(counts, stored)

    def _check(self) -> staging.Counts:
        self.progress("checking", 0, 0)
        counts = staging.check_in_sets(self.plan.pk, allowed_texts())
        self.report(staging.refusals())
        return counts

    def _store(self, counts: staging.Counts, *, is_own_transaction: bool) -> Iterator[Stored]:
        """First those whose payer is registered or in the same chunk, then those whose payer is in another one."""
        done = 0
        for is_late in (False, True):
            placed = self._placed(is_late=is_late)
            if is_own_transaction and isinstance(self.desk, OfficeDesk):
                storing = self.desk.store(placed)
            else:
                storing = _store_here(placed, is_own_transaction=is_own_transaction)
            for one in storing:
                done += one.rows
                self.progress("storing", done, counts.to_store)
                yield one

    def _placed(self, *, is_late: bool) -> Iterator[Placed]:
        for number in staging.chunks_with_places(is_late=is_late):
            yield Placed(number, self.spool.piece(number), staging.places_in(number, is_late=is_late), self.asked_at)

    def _record(self, counts: staging.Counts, stored: int, *, kind: str) -> None:
        """The import's own entry; its rows have none."""
        body: dict[str, Any] = {
            "file_digest": self.source.digest,
            "rows": counts.rows,
            "refused": counts.refused,
            "already_there": counts.already_there,
            "people": [counts.first_person, counts.last_person],
            "memberships": [counts.first_membership, counts.last_membership],
        }
        if kind == "memberships.imported":
            body["stored"] = stored
            body["identities_doubted"] = identities_doubted(counts.first_person, counts.last_person)
        append(kind=kind, stream=f"plan:{self.plan.code}", by=self.by, body=body)

    def _outcome(self, counts: staging.Counts, stored: int) -> Imported:
        return Imported(counts.rows, stored, counts.already_there, counts.refused, self.source.digest)


_DISTURBED = "Others registered people of this file, or made them members, while it was imported."


def _together(first: staging.Counts, again: staging.Counts) -> staging.Counts:
    """What two checks of one file found: what the first has stored since is not there from before."""
    return replace(
        again,
        already_there=first.already_there,
        first_person=first.first_person,
        last_person=again.last_person or first.last_person,
        first_membership=first.first_membership,
        last_membership=again.last_membership or first.last_membership,
    )


def _stage(source: Source, desk: Desk, spool: Spool, progress: Progress) -> None:
    staging.open_tables()
    for staged in desk.stage(source.chunks()):
        staging.stage(staged)
        try:
            spool.keep(staged.kept)
        except OSError as error:
            raise ImportStopped(
                f"Rows wait in {gettempdir()} until all are checked, and there: {error.strerror}. Nothing was "
                "imported. Make room, a kilobyte a row, or set TMPDIR to another folder."
            ) from None
        progress("reading", source.position, source.size)


def _store_here(placed: Iterable[Placed], *, is_own_transaction: bool) -> Iterator[Stored]:
    """Store over this process's connection, batch by batch."""
    for one in placed:
        written = one.written_up()
        try:
            with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
                store(cursor, written)
        except DatabaseError as error:
            if not is_own_transaction or not isinstance(error.__cause__, DISTURBED):
                raise
            yield Stored(one.number, 0, is_disturbed=True)
        else:
            yield Stored(one.number, written.count)


def setup_for(plan: Plan, source: Source) -> Setup:
    """What checks the rows of a file, and how the processes reach the database. Raises ImportStopped."""
    versions = list(versions_of(plan).order_by("starts_at"))
    if not versions:
        raise ImportStopped(f"Plan {plan.code} has no published version. Load one first: manage.py load_plans.")
    end = certain_end_of(plan)
    if end is not None:
        raise ImportStopped(
            f"Plan {plan.code} accepts no new members: it ends on {end.ends_on.isoformat()}. Import into another plan."
        )
    now, today = clock.now(), timezone.localdate(clock.now())
    return Setup(
        terms=Terms(
            versions=tuple((version.label, version.source) for version in versions),
            timezone=plan.timezone,
            now=now,
            today=today,
            born_from=today.replace(year=today.year - OLDEST_YEARS, day=1),
            sexes=tuple(Sex.values),
            end_reasons=tuple(EndReason.values),
        ),
        file_format=source.format,
        order=source.order,
        plan_id=plan.pk,
        created_at=now.isoformat(),
        personal_data_key=settings.PERSONAL_DATA_KEYS[0],
        blind_index_key=settings.BLIND_INDEX_KEY,
        database=_database(),
    )


def allowed_texts() -> dict[str, str]:
    """What each column may hold, for the report."""
    return allowed_in(Sex.values, EndReason.values)


def _database() -> dict[str, Any]:
    """How the processes reach the database: as this one does."""
    found = connection.settings_dict
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {short: found[name] for name, short in names.items() if found[name]} | dict(found["OPTIONS"])


@contextmanager
def _only_import() -> Iterator[None]:
    """One import at a time, and the staging tables gone at its end. Raises ImportStopped."""
    if not staging.may_make_tables():
        raise ImportStopped(
            "This role of the database may not make temporary tables, in which rows are checked before they are "
            "stored. Renew its rights as the owner: manage.py grant_runtime_role (docs/operations.md, Roles)."
        )
    # For the session and not a transaction: an import in batches commits many times, and must stay alone between them.
    if not try_for_session(AdvisoryLock.MEMBER_IMPORT):
        raise ImportStopped("Another import runs on this database. Wait until it has ended.")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.broken and connection.is_usable():
            staging.drop_tables()
            leave(AdvisoryLock.MEMBER_IMPORT)
