"""The `replay` command: computes published periods under the plans' own rules. Needs no database."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from allocation.rules.published import NotAList, Replayed, RowInvalid, RowProblem, plain_amount, read_rows, replay_row
from members.errors.plans import PlanFileInvalid
from members.rules.plans import PlanRules, read_plan_folder
from pages.words import listed


class Command(BaseCommand):
    help = (
        "Compute published periods: per head, fee and surplus of each. FILE.json is a list of objects "
        '{"plan": "xhb", "on": "2019-12-21", "members": 97347400, "aided": [{"amount": 300000, "count": 14}], '
        '"surplus": "0.00"}; amounts in yuan (the plan\'s currency), surplus may be left out. '
        "A row that is wrong is reported and the others are computed; the exit code is then 1."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.json", help="the published periods")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = _read(Path(options["file"]))
        plans = _plans()
        done: list[Replayed] = []
        problems: list[RowProblem] = []
        answers: list[dict[str, Any]] = []
        for number, row in enumerate(rows, 1):
            try:
                replayed = replay_row(number, row, plans)
            except RowInvalid as invalid:
                problems.extend(invalid.problems)
                answers.append({"row": number, "errors": [_as_data(problem) for problem in invalid.problems]})
            else:
                done.append(replayed)
                answers.append(figures(replayed))
        if options["json"]:
            self.stdout.write(json.dumps(answers, indent=2))
        else:
            self._print_table(done)
            for problem in problems:
                self.stderr.write(str(problem), self.style.ERROR)
        if problems:
            failed = {"failed": len(rows) - len(done), "rows": len(rows)}
            raise CommandError(_("%(failed)s of %(rows)s rows could not be computed.") % failed, returncode=1)

    def _print_table(self, done: list[Replayed]) -> None:
        """One line per period, columns aligned; remarks below, with the number of their row."""
        heads = [
            _("row"),
            _("plan"),
            _("on"),
            _("version"),
            _("members"),
            _("aided"),
            _("aid"),
            _("fee"),
            _("billed"),
            _("per head"),
            _("surplus"),
        ]
        lines = [heads, *(_cells(replayed) for replayed in done)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        for line in lines:
            # Words to the left, figures to the right.
            cells = [
                cell.ljust(width) if 1 <= column <= 3 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            self.stdout.write("  ".join(cells).rstrip())
        currencies = sorted({replayed.rules.currency for replayed in done})
        if currencies:
            legend = _(
                "Amounts in %(currency)s. Billed: aid and fee, up to the cap of each case. Surplus: what is left."
            )
            self.stdout.write(legend % {"currency": listed(currencies)})
        for replayed in done:
            for note in replayed.notes:
                self.stdout.write(_("Row %(row)s: %(note)s.") % {"row": replayed.row, "note": note})


def _read(path: Path) -> list[Any]:
    """The rows of the file, or one clear line."""
    try:
        return read_rows(path.read_bytes())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError(_("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": reason}) from None
    except ValueError as error:
        if not isinstance(error, NotAList):
            raise CommandError(_("%(file)r is not a file name.") % {"file": str(path)}) from None
        raise CommandError(_("%(file)s: %(reason)s.") % {"file": path, "reason": error}) from None


def _plans() -> dict[str, list[PlanRules]]:
    """All versions of all plans that ship with the service, by plan code."""
    try:
        versions = read_plan_folder(settings.PLAN_FILES)
    except PlanFileInvalid as error:
        raise CommandError(str(error)) from None
    return {code: list(group) for code, group in groupby(versions, key=lambda rules: rules.code)}


def _cells(replayed: Replayed) -> list[str]:
    """A period as a line of the table."""
    allocation, rules = replayed.allocation, replayed.rules
    amounts = (
        allocation.aid_minor,
        allocation.fee_minor,
        allocation.billed_minor,
        allocation.per_head_minor,
        allocation.surplus_out_minor,
    )
    return [
        str(replayed.row),
        rules.code,
        replayed.on,
        rules.version,
        f"{allocation.members:,}",
        f"{allocation.aided:,}",
        *(plain_amount(amount_minor, rules) for amount_minor in amounts),
    ]


def figures(replayed: Replayed) -> dict[str, Any]:
    """A period for a machine: counts as numbers, amounts as exact text in the plan's currency."""
    allocation, rules = replayed.allocation, replayed.rules
    amounts = {
        "aid": allocation.aid_minor,
        "fee": allocation.fee_minor,
        "billed": allocation.billed_minor,
        "per_head": allocation.per_head_minor,
        "member_pays": replayed.per_member_minor,
        "charged": allocation.charged_minor,
        "sponsor": allocation.sponsor_minor,
        "surplus_in": allocation.surplus_in_minor,
        "surplus_out": allocation.surplus_out_minor,
        "aid_waiting": replayed.waiting_aid_minor,
    }
    return {
        "row": replayed.row,
        "plan": rules.code,
        "on": replayed.on,
        "version": rules.version,
        "version_starts_at": rules.starts_at.isoformat(),
        "fee_bp": rules.fee_bp,
        "currency": rules.currency,
        "members": allocation.members,
        "aided": allocation.aided,
        **{name: plain_amount(amount_minor, rules).replace(",", "") for name, amount_minor in amounts.items()},
        "notes": list(replayed.notes),
    }


def _as_data(problem: RowProblem) -> dict[str, str]:
    return {"field": problem.field, "problem": problem.problem, "allowed": problem.allowed}
