"""The `compare_payments` command: the payment service's list of orders beside the tables; changes nothing."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from allocation.gateways import ListsOrders, payment_gateway
from allocation.rules.comparing import BankLine, Compared, Finding, LineInvalid, read_line
from allocation.selectors.comparing import compared

FOR_A_PERSON, UNREADABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Compare the payment service's list of orders with the tables, after a restore from a backup or at any time. "
        "The list comes from the service where it offers one, or from a CSV file with the columns key, amount_minor "
        "(in the smallest unit) and, optionally, answer (settled or refused). Changes nothing. The exit status is 0 if "
        "everything agrees or comes to agree by itself, 1 if something needs a person, 2 if the list cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.csv", help="the list that the bank exported")
        parser.add_argument(
            "--since",
            metavar="MOMENT",
            help="the moment from which the list is complete, such as 2026-03-11T10:00+08:00: the backup's or earlier. "
            "The service is asked from there, and what the list lacks is reported only with it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"])
        lines = _from_file(options["file"]) if options["file"] else _from_service(since)
        counts: Counter[Finding] = Counter()
        for one in compared(lines, since):
            counts[one.finding] += 1
            if one.finding is not Finding.AGREES:
                self.stdout.write(_row(one))
        self._conclude(counts)

    def _conclude(self, counts: Counter[Finding]) -> None:
        self.stdout.write(f"\n{counts.total()} payments compared.")
        for finding in Finding:
            if counts[finding]:
                self.stdout.write(f"  {counts[finding]:>6}  {finding}: {finding.meaning}")
        left = sum(number for finding, number in counts.items() if finding.is_for_a_person)
        if left:
            raise CommandError(f"{left} of them need a person.", returncode=FOR_A_PERSON)


def _moment(given: str | None) -> dt.datetime | None:
    if given is None:
        return None
    try:
        at = parse_datetime(given)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(f"--since {given!r} is no moment: write 2026-03-11T10:00+08:00.", returncode=UNREADABLE)
    return at if timezone.is_aware(at) else timezone.make_aware(at)


def _from_service(since: dt.datetime | None) -> Iterator[BankLine]:
    gateway = payment_gateway()
    if not isinstance(gateway, ListsOrders):
        text = "The payment service offers no list of its orders. Export one, and name the file: FILE.csv."
        raise CommandError(text, returncode=UNREADABLE)
    if since is None:
        raise CommandError("Say from which moment the service is to list its orders: --since.", returncode=UNREADABLE)
    try:
        yield from gateway.orders(since=since)
    except Exception as error:  # whatever an adapter raises: only its class, since words may name people
        text = f"The payment service gave no list ({type(error).__name__}). Try again, or export one to a file."
        raise CommandError(text, returncode=UNREADABLE) from None


def _from_file(path: Path) -> Iterable[BankLine]:
    """Read whole before anything is compared: half a list would report the other half as missing."""
    lines = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source)
            missing = {"key", "amount_minor"} - set(reader.fieldnames or ())
            if missing:
                text = f"{path} has no column {' and '.join(sorted(missing))}: its first line names the columns."
                raise CommandError(text, returncode=UNREADABLE)
            for row in reader:
                try:
                    lines.append(read_line(row))
                except LineInvalid as problem:
                    text = f"{path}, line {reader.line_num}: {problem}."
                    raise CommandError(text, returncode=UNREADABLE) from None
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(f"Cannot read {path}: {problem}", returncode=UNREADABLE) from None
    return lines


def _row(one: Compared) -> str:
    there = f"{one.theirs.amount_minor} {one.theirs.answer}" if one.theirs else "–"
    here = f"{one.ours.amount_minor} {one.ours.state}" if one.ours else "–"
    return f"{one.finding:<26} {one.key}  there: {there}  here: {here}"
