"""Plays the tests that kill workers, on the embedded servers and on those that the environment names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from run.embedded.paths import BASE_DIR

NAMED = {"TEST_DATABASE_URL": "DATABASE_URL", "TEST_BROKER_URL": "CELERY_BROKER_URL"}


def rounds(environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The environment of each round: the embedded servers always, and those that the environment names."""
    bare = {name: value for name, value in environ.items() if name not in {*NAMED, *NAMED.values()}}
    found = {"the embedded servers": bare}
    given = {name: environ[name] for name in NAMED if environ.get(name)}
    if given:
        found[f"the servers of {' and '.join(given)}"] = {**bare, **{NAMED[name]: url for name, url in given.items()}}
    return found


def play(what: str, environ: Mapping[str, str], arguments: list[str]) -> int:
    """Run the tests; pytest's exit code."""
    sys.stdout.write(f"\nThe tests that kill, on {what}\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest", "-m", "kills", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, env=dict(environ), check=False).returncode  # noqa: S603 - ours


def main() -> int:
    """Play every round; what is on the command line is passed on to pytest."""
    failed = [what for what, environ in rounds(os.environ).items() if play(what, environ, sys.argv[1:])]
    for what in failed:
        sys.stdout.write(f"Failed on {what}.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
