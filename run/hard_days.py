"""Plays the tests, but the browser's, on days that are hard for a calendar.

By the hash of a commit it is a sixth of the files on one of the days, since all of them on all days take hours; what is
left out of one commit is played on another. `--all` leaves nothing out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import zlib

from run.embedded.paths import BASE_DIR

HARD_DAYS = (
    ("the 29th of a month", "2026-11-29T10:15:00+08:00"),
    ("the 1st of a month", "2027-03-01T09:00:00+08:00"),
    ("the last minutes of a year", "2026-12-31T23:45:00+08:00"),
    ("the first minutes of a year", "2027-01-01T00:10:00+08:00"),
    ("29 February", "2028-02-29T12:00:00+08:00"),
    ("the night when Berlin's clocks go forward", "2027-03-28T03:10:00+02:00"),
    ("the night when Berlin's clocks go back", "2026-10-25T02:30:00+01:00"),
    ("23:30 in Shanghai", "2026-06-10T23:30:00+08:00"),
)
"""Each with the moment at which every test begins then."""
NO_CALENDAR = (
    "tests/bench",
    "tests/config",
    "tests/adjudication/services/test_conflicts.py",
    "tests/audit/test_message_kinds.py",
    "tests/outages",
    "tests/pages",
    "tests/run",
    "tests/upgrade",
    "tests/test_access.py",
    "tests/test_architecture.py",
    "tests/test_clock_set_back.py",
    "tests/test_errors.py",
    "tests/test_language.py",
    "tests/test_one_clock.py",
    "tests/test_translations.py",
)
"""What is the same on any day: servers that hang and processes that die, who may do what, code and texts. An
upgrade is played on the day of its dump, and a clock is set back from the day of `make test`."""


SHARES = 6
"""The files with a calendar are played by sixths."""


def day_of(commit: str) -> tuple[str, str]:
    """One of the days, by a commit's hash in hexadecimal."""
    return HARD_DAYS[int(commit, 16) % len(HARD_DAYS)]


def share_of(commit: str) -> list[str]:
    """About a sixth of the files of tests that have a calendar, by the commit's hash and theirs: paths from the top."""
    wanted = int(commit, 16) // len(HARD_DAYS) % SHARES
    return [path for path in files_with_a_calendar() if zlib.crc32(path.encode()) % SHARES == wanted]


def files_with_a_calendar() -> list[str]:
    """Every file of tests that may read differently on another day."""
    found = sorted(path.relative_to(BASE_DIR).as_posix() for path in (BASE_DIR / "tests").rglob("test_*.py"))
    return [path for path in found if not any(path == out or path.startswith(f"{out}/") for out in NO_CALENDAR)]


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=BASE_DIR, capture_output=True, text=True, check=True)  # noqa: S607
    return told.stdout.strip()


def play(name: str, at: str, arguments: list[str], files: list[str]) -> int:
    """Run the tests of these files as of that moment; pytest's exit code."""
    sys.stdout.write(f"\nThe tests of {len(files)} files on {name}: {at}\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest", "-m", "not browser", "--numprocesses=auto", "--maxprocesses=4"]
    command += ["--dist=loadfile", "--no-loadscope-reorder", *arguments, *files]
    environ = {**os.environ, "ASSIZE_TEST_NOW": at}
    return subprocess.run(command, cwd=BASE_DIR, env=environ, check=False).returncode  # noqa: S603 - ours


def main() -> int:
    """Play a share on the day of this commit, or all on all days; what is not understood is passed on to pytest."""
    parser = argparse.ArgumentParser(prog="run.hard_days")
    parser.add_argument("--all", action="store_true", help="every file on every day, one day after the other")
    given, arguments = parser.parse_known_args()
    days = HARD_DAYS if given.all else (day_of(_commit()),)
    files = files_with_a_calendar() if given.all else share_of(_commit())
    failed = [name for name, at in days if play(name, at, arguments, files)]
    for name in failed:
        sys.stdout.write(f"Failed on {name}.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
