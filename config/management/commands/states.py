"""Write docs/states.md from the state machines, or check that it says what they say."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from audit.machines import Machine
from audit.rooms import all_machines, all_waits
from audit.waits import Wait

PAGE: Path = settings.BASE_DIR / "docs" / "states.md"
HEAD = """# States

<!-- Written by `manage.py states`; do not edit. The tables are `machines.py` and `waits.py` of each app. -->

One table for each kind of row that has a state. The same table makes the transitions in Python, the triggers in
PostgreSQL (a row begins in its first state, moves only along the table, and is never deleted) and this page.
An act is a method of the row; the service that calls it holds the row's lock and writes the entry in the log.
An act enters the table with its service, not before: what no service does, the database does not allow.
"""


def states_page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(machine) for machine in all_machines()) + _waits()


def _section(machine: Machine) -> str:
    title = machine.name[0].upper() + machine.name[1:]
    rows = (f"| `{one.name}` | {', '.join(one.sources)} | {one.target} | {one.when} |\n" for one in machine.transitions)
    return (
        f"\n## {title}\n\n{_diagram(machine)}\n| act | from | to | when |\n|---|---|---|---|\n{''.join(rows)}"
        f"\nEnds as: {', '.join(_ends(machine))}.\n"
    )


def _diagram(machine: Machine) -> str:
    arrows = [f"    [*] --> {machine.initial}"]
    arrows += [f"    {source} --> {one.target}: {one.name}" for one in machine.transitions for source in one.sources]
    arrows += [f"    {state} --> [*]" for state in _ends(machine)]
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(arrows) + "\n```\n"


def _ends(machine: Machine) -> list[str]:
    left = {source for source, _target in machine.edges()}
    return [state for state in machine.states if state not in left]


WAITS = """
## Waits

Everything that a claim can wait for. The sweep of claims acts on this table and the page *Running clocks* reads it; no
state of a claim is without a row (`tests/clocks/`). The keys are those of the [plan file](plans.md#waits). During a
hold no other clock runs than that of the hold and of a withdrawn record; clocks that run from a moment start again with
its end.

| wait | what is waited for | in | since | time | without the key | who must act | reminded | at the end | how often |
|---|---|---|---|---|---|---|---|---|---|
"""


def _waits() -> str:
    with translation.override("en"):
        return WAITS + "".join(_row(wait) for wait in all_waits())


def _row(wait: Wait) -> str:
    states = "; ".join(f"{machine}: {', '.join(names)}" for machine, names in wait.states.items())
    time = ", ".join(f"`{key}`" for key in wait.keys) or wait.time
    cells = [
        f"`{wait.name}`",
        str(wait.title),
        states,
        wait.since,
        time,
        wait.without or ("always said" if wait.keys else "–"),
        wait.who.value,
        wait.reminds,
        str(wait.then),
        wait.repeats,
    ]
    return f"| {' | '.join(cells)} |\n"


class Command(BaseCommand):
    help = "Write docs/states.md from the state machines of all apps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        page = states_page()
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
            self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)}: {len(all_machines())} machines")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/states.md is out of date: run manage.py states.")
