"""Import FHIR R4 records into a plan: patients, first covered diagnoses, bills."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from adjudication.fhir.reading import read_records
from adjudication.services.imports import BROKEN, Line, import_records, today_in
from audit.errors import DomainError
from members.models import Plan


class Command(BaseCommand):
    help = (
        "Import Bundles or NDJSON of FHIR R4 Patient, Condition and Claim: enrols the patients, files one claim for "
        "each first occurrence of a covered condition, with the related Claim resources as evidence. Running it "
        "twice adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--plan", required=True, metavar="CODE")
        parser.add_argument("--atomic", action="store_true", help="all or nothing: one broken resource undoes it all")
        parser.add_argument("--on", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="day of the import (today)")
        parser.add_argument(
            "--as-recorded", action="store_true", help="never move a record that is older than the plan"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None:
            known = ", ".join(Plan.objects.values_list("code", flat=True)) or "none: run load_plans first"
            raise CommandError(f"There is no plan {options['plan']!r}. Plans: {known}.")
        try:
            text = options["file"].read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} can't be read: {error}") from None
        counts: Counter[tuple[str, str]] = Counter()

        def report(line: Line) -> None:
            counts[(line.resource.partition("/")[0] or "?", line.did)] += 1
            self.stdout.write(f"{line.place:<10} {line.resource:<46} {line.did}: {line.words}")

        with translation.override("en"), transaction.atomic() if options["atomic"] else nullcontext():
            try:
                import_records(
                    records=read_records(text),
                    plan=plan,
                    imported_on=options["on"] or today_in(plan, timezone.now()),
                    as_recorded=options["as_recorded"],
                    report=report,
                )
            except DomainError as error:
                raise CommandError(str(error)) from None
            broken = sum(number for (_, did), number in counts.items() if did == BROKEN)
            if broken and options["atomic"]:
                raise CommandError(f"{broken} broken: nothing was imported (--atomic). Mend the lines named above.")
        self._summary(counts)

    def _summary(self, counts: Counter[tuple[str, str]]) -> None:
        self.stdout.write("")
        for (kind, did), number in sorted(counts.items()):
            self.stdout.write(f"{kind:<10} {did:<15} {number:>6}")
        self.stdout.write(f"{'all':<26} {sum(counts.values()):>6}")
