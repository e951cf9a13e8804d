"""Import FHIR R4 records into a plan: patients, first covered diagnoses, bills.

Exit status: 0 where every resource could be read, 1 where nothing was imported (the reason is named), 2 for options
that are wrong, 3 where resources were broken and the rest was imported, 4 where none was broken and patients contradict
who is known.
"""

from __future__ import annotations

import datetime as dt
import gzip
import sys
import zlib
from argparse import ArgumentParser
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from adjudication.fhir.reading import read_records
from adjudication.services.imported_lines import (
    ALREADY,
    ATTACHED,
    BROKEN,
    CONTRADICTS,
    ENROLLED,
    FILED,
    LEFT_OUT,
    REPEATED,
    STATED,
    WITHDRAWN,
    Line,
)
from adjudication.services.imports import import_records, today_in
from audit import clock
from audit.errors import DomainError
from members.models import Plan
from pages.words import listed

SOME_BROKEN, SOME_CONTRADICT = 3, 4
MOST_REASONS = 30
_GZIP = b"\x1f\x8b"
_NEXT = {
    ENROLLED: "members of the plan now",
    FILED: "wait for an investigator",
    STATED: "stand beside what the member states; an investigator weighs them",
    ATTACHED: "papers of their claims",
    WITHDRAWN: "the claim's investigator or a reviewer notes each before the claim can be approved",
    ALREADY: "imported before; nothing was changed",
    REPEATED: "another version of the same resource in the file counts",
    LEFT_OUT: "for the reasons below; correct the record at the hospital, or file by hand what a person can confirm",
    CONTRADICTS: "nothing was filed for them; ask the hospital which is right",
    BROKEN: "no valid FHIR R4; correct the places named above and import the file again",
}


class Command(BaseCommand):
    help = (
        "Import Bundles or NDJSON of FHIR R4 Patient, Condition and Claim, also packed by gzip: enrols the patients, "
        "files one claim for each first occurrence of a covered condition, with the related Claim resources as "
        "evidence. Running it twice adds nothing. Exit status 3: some resources were broken; 4: some patients "
        "contradict who is known."
    )
    status = 0

    def run_from_argv(self, argv: list[str]) -> None:
        """As any command, and ends with a status by which scripts learn of broken resources."""
        super().run_from_argv(argv)
        if self.status:
            sys.exit(self.status)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--plan", required=True, metavar="CODE")
        parser.add_argument(
            "--server",
            default="",
            metavar="URL",
            help="the server that gave the ids, where the file does not say it (https://hospital.example/fhir)",
        )
        parser.add_argument(
            "--atomic", action="store_true", help="all or nothing: one broken resource rolls everything back"
        )
        parser.add_argument("--on", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="day of the import (today)")
        parser.add_argument(
            "--as-recorded",
            action="store_true",
            help="never move a record that is older than the plan (always so in a deployment)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None:
            known = listed(Plan.objects.values_list("code", flat=True)) or "none: run load_plans first"
            raise CommandError(f"There is no plan {options['plan']!r}. Plans: {known}.")
        text = _text_of(options["file"])
        counts: Counter[tuple[str, str]] = Counter()
        reasons: Counter[str] = Counter()

        def report(line: Line) -> None:
            counts[(_type_in(line.resource), line.did)] += 1
            if line.did == LEFT_OUT:
                reasons[line.words] += 1
            self.stdout.write(f"{line.place:<10} {line.resource:<46} {line.did}: {line.words}")

        with translation.override("en"), transaction.atomic() if options["atomic"] else nullcontext():
            try:
                import_records(
                    records=read_records(text, options["server"]),
                    plan=plan,
                    imported_on=options["on"] or today_in(plan, clock.now()),
                    as_recorded=options["as_recorded"],
                    report=report,
                )
            except DomainError as error:
                raise CommandError(str(error)) from None
            broken = sum(number for (_, did), number in counts.items() if did == BROKEN)
            if broken and options["atomic"]:
                raise CommandError(f"{broken} broken: nothing was imported (--atomic). Correct the lines named above.")
        self._summary(counts, reasons)
        contradict = any(did == CONTRADICTS for _, did in counts)
        self.status = SOME_BROKEN if broken else SOME_CONTRADICT if contradict else 0

    def _summary(self, counts: Counter[tuple[str, str]], reasons: Counter[str]) -> None:
        self.stdout.write("")
        for (kind, did), number in sorted(counts.items()):
            self.stdout.write(f"{kind:<10} {did:<15} {number:>6}  {_NEXT[did]}")
        self.stdout.write(f"{'all':<26} {sum(counts.values()):>6}")
        if reasons:
            self.stdout.write("\nLeft out, by reason:")
        for words, number in sorted(reasons.items(), key=lambda row: (-row[1], row[0]))[:MOST_REASONS]:
            self.stdout.write(f"{number:>6}  {words}")
        if len(reasons) > MOST_REASONS:
            self.stdout.write(f"        … and {len(reasons) - MOST_REASONS} more; each is in its line above")


def _text_of(file: Path) -> str:
    """The file's text, unpacked where it is compressed by gzip."""
    try:
        content = file.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from None


def _type_in(resource: str) -> str:
    """The type of a resource as the report names it, with its server or without."""
    return resource.split("/")[-2] if "/" in resource else "?"
