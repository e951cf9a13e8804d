"""Nothing asks the machine what time it is: the lint rule bites, and what it can't see is looked for here."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("pages", "audit", "members", "jury", "adjudication", "allocation", "config", "run", "bench", "scripts")

BANNED = (
    "from django.utils import timezone\nat = timezone.now()",
    "from django.utils.timezone import now\nat = now()",
    "from django.utils import timezone\nclock = timezone.now",
    "from django.db.models.functions import Now\nat = Now()",
    "import datetime as dt\nat = dt.datetime.now(dt.UTC)",
    "from datetime import UTC, datetime\nat = datetime.now(UTC)",
    "import datetime\nat = datetime.datetime.utcnow()",
    "import datetime as dt\nat = dt.datetime.today()",
    "import datetime as dt\non = dt.date.today()",
    "from datetime import date\non = date.today()",
    "import time\nat = time.time()",
    "from time import time\nclock = time",
    "import time\nat = time.localtime()",
)
ALLOWED = (
    "from audit import clock\nat = clock.now()",
    "from pages.moments import page_now\nat = page_now()",
    "import time\nbegan = time.monotonic()\ntime.sleep(1)",
    "import time\nbegan = time.perf_counter()",
    "import datetime as dt\nat = dt.datetime(2026, 3, 11, tzinfo=dt.UTC)",
)
HOLDERS = ("audit/clock.py", "pages/moments.py", "audit/witness/memory.py", "audit/witness/judging.py")
"""Files that may: each is named, with the reason, beside the rule in pyproject.toml."""

KEEP_REAL_TIME = {
    "audit/services/witnesses.py": "when a witness signed is told by its own clock, which nobody here can move",
    "audit/selectors/witnesses.py": "how long ago that was",
    "adjudication/management/commands/check_uploads.py": "how old a file is by its machine",
    "members/sessions.py": "sessions keep real time",
    "bench/taking.py": "when the figures of a machine were taken",
}
"""Modules that ask `audit.clock.real_now`."""

SQL_CLOCK = re.compile(
    r"\b(?:now\s*\(\s*\)|(?:transaction|statement|clock)_timestamp\s*\(|timeofday\s*\(|"
    r"current_(?:date|time|timestamp)\b|localtime(?:stamp)?\b)",
    re.I,
)
"""PostgreSQL's ways to say what time it is; `assize_now()` has no boundary before its `now`."""
READ_IN_SQL = {
    "tests/audit/test_clock.py": "other clocks, to be refused",
    "audit/clock_functions.py": "it is the clock",
    "bench/bare.py": "the least that any write costs, in a table that is no part of the service",
    "adjudication/migrations/0006_answers_guards.py": "from before there was one clock; a migration is not rewritten",
}
SHOWN_BY_TEMPLATES = {
    "templates/base.html": "when paper was printed, also on an error page that has no database to ask",
}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls_of(text: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def unstated_days(text: str) -> list[int]:
    """Lines that ask for the local day or time of no moment in particular, or let a column fill itself in."""
    return [
        call.lineno
        for call in calls_of(text)
        if (
            ast.unparse(call.func).rpartition(".")[2] in {"localtime", "localdate"}
            and not (call.args or any(one.arg == "value" for one in call.keywords))
        )
        or any(one.arg in {"auto_now", "auto_now_add"} for one in call.keywords)
    ]


def docstrings(tree: ast.Module) -> set[int]:
    """Texts that stand by themselves: they say something and are no SQL."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def sql_clocks(text: str) -> list[str]:
    """Texts of a module in which PostgreSQL would say what time it is."""
    tree = ast.parse(text)
    ignored = docstrings(tree)
    return [
        found[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored
        if (found := SQL_CLOCK.search(node.value))
    ]


def lint(text: str, filename: str) -> str:
    """What the lint rule says of a text, as if it were that file."""
    program = Path(sys.executable).with_name("ruff")
    argv = [program, "check", "--no-cache", "--quiet", "--select", "TID251", "--stdin-filename", filename, "-"]
    done = subprocess.run(argv, cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("place", ["members/services/people.py", "tests/members/test_codes.py"])
@pytest.mark.parametrize("text", BANNED)
def test_the_lint_rule_bites(text: str, place: str) -> None:
    told = lint(text + "\n", place)

    assert "TID251" in told
    assert re.search(r"audit\.clock", told)


def test_the_lint_rule_lets_the_one_clock_and_durations_pass() -> None:
    assert not lint("\n".join(ALLOWED) + "\n", "members/services/people.py")


@pytest.mark.parametrize("name", HOLDERS)
def test_the_files_that_may_are_the_ones_that_do(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert not lint(text, name)
    assert "TID251" in lint(text, "members/services/people.py")


def test_no_line_is_excused_from_the_rule() -> None:
    paths = [path for path in sources(*CODE, "tests") if path != Path(__file__)]

    assert not [name_of(path) for path in paths if "TID251" in path.read_text(encoding="utf-8")]


def test_real_time_is_kept_where_it_is_meant() -> None:
    asking = {
        name_of(path)
        for path in sources(*CODE)
        if any(ast.unparse(call.func).endswith("real_now") for call in calls_of(path.read_text(encoding="utf-8")))
    }

    assert asking == set(KEEP_REAL_TIME)


def test_local_days_are_those_of_a_moment() -> None:
    paths = [path for path in sources(*CODE, "tests") if "migrations" not in path.parts]

    assert not [f"{name_of(path)}:{line}" for path in paths for line in unstated_days(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("timezone.localdate()", True),
        ("localtime()", True),
        ("timezone.localdate(timezone=zone)", True),
        ("models.DateTimeField(auto_now_add=True)", True),
        ("timezone.localdate(at)", False),
        ("timezone.localtime(value=at)", False),
    ],
)
def test_a_local_day_of_no_moment_is_found(text: str, is_found: bool) -> None:
    assert bool(unstated_days(text)) == is_found


def test_sql_asks_the_one_clock() -> None:
    paths = [path for path in sources(*CODE, "tests") if path != Path(__file__)]
    asking = {name_of(path) for path in paths if sql_clocks(path.read_text(encoding="utf-8"))}

    assert asking == set(READ_IN_SQL)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("sql = 'UPDATE t SET at = now()'", True),
        ("sql = 'SELECT CURRENT_TIMESTAMP'", True),
        ("sql = 'SELECT pg_catalog.clock_timestamp()'", True),
        ("sql = 'WHERE due_on < current_date'", True),
        ("sql = f'DEFAULT NOW( ) {x}'", True),
        ("sql = 'SELECT assize_now()'", False),
        ("sql = 'SELECT at AS current_dates'", False),
        ("def act():\n    '''Asks now().'''", False),
    ],
)
def test_a_clock_of_postgresql_is_found(text: str, is_found: bool) -> None:
    assert bool(sql_clocks(text)) == is_found


def test_templates_show_the_moment_of_the_page() -> None:
    showing = {
        name_of(path)
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file() and re.search(r"\{%\s*now\b", path.read_text(encoding="utf-8"))
    }

    assert showing == set(SHOWN_BY_TEMPLATES)
