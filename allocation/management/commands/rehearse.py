"""Play all roles for every open claim, then close the period: from claims to payments in one command."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from allocation.models import Period
from allocation.rehearsal.company import CompanyIncomplete, gather
from allocation.rehearsal.stage import Stuck, play_claims, play_period, workers
from allocation.selectors.periods import allocation_of
from audit.errors import DomainError
from members.demo import is_demonstration
from members.models import Plan
from members.rules.money import format_minor
from pages.words import listed


class Command(BaseCommand):
    help = (
        "Play all roles through the services and the real workers for every open claim, then close the period. "
        "With a FHIR file, import it first. Only on a demonstration database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="FHIR records to import first")
        parser.add_argument("--plan", default="xhb", metavar="CODE")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_demonstration():
            raise CommandError(
                "This is not a demonstration database, and a rehearsal decides and pays claims. "
                "Run `make run`, or `manage.py demo` on an empty database, and rehearse there."
            )
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None:
            raise CommandError(f"There is no plan {options['plan']!r}: {listed(_codes())}.")
        started = time.monotonic()
        if options["file"]:
            call_command("import_fhir", str(options["file"]), "--plan", plan.code, stdout=self.stdout)
        with translation.override("en"):
            try:
                with workers(self._say):
                    company = gather(plan)
                    self._say("Playing every open claim:")
                    ended = play_claims(plan, company, self._say)
                    period = play_period(plan, company, self._say)
            except (Stuck, CompanyIncomplete, DomainError) as error:
                raise CommandError(str(error)) from None
            self._table(period, ended, time.monotonic() - started)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _table(self, period: Period, ended: Counter[str], seconds: float) -> None:
        plan, allocation = period.plan, allocation_of(period)
        rows: list[tuple[str, str]] = [(f"claims {status}", str(number)) for status, number in sorted(ended.items())]
        rows.append(("claims paid in the period", str(len(allocation.claims))))
        amounts = {
            "aid (A)": allocation.aid_minor,
            "fee (F)": allocation.fee_minor,
            "above the case cap, sponsor (K)": allocation.case_cap_excess_minor,
            "billed to members (B)": allocation.billed_minor,
            "surplus before (S)": allocation.surplus_in_minor,
            "per head (h)": allocation.per_head_minor,
            "surplus after": allocation.surplus_out_minor,
            "paid by members (C)": allocation.charged_minor,
            "gifts, sponsor (G)": allocation.gift_minor,
            "above the year's cap, sponsor (Y)": allocation.year_cap_shortfall_minor,
        }
        rows.append(("members (N)", f"{allocation.members:,}"))
        rows += [
            (label, format_minor(amount_minor, plan.currency, plan.currency_exponent, "en"))
            for label, amount_minor in amounts.items()
        ]
        self._say("")
        self._say(f"Period {plan.code} {period.notice_on}, charged {period.charge_on}: {period.status}")
        for label, value in rows:
            self._say(f"  {label:<36} {value:>22}")
        verdict = "holds to the unit" if allocation.conserves() else "DOES NOT HOLD"
        self._say(f"  C + G + Y + K = {allocation.income_minor}, A + F + S' - S = {allocation.outgo_minor}: {verdict}")
        self._say(f"  took {seconds:.0f} s")


def _codes() -> list[str]:
    return list(Plan.objects.values_list("code", flat=True))
