"""Makes the folder of a release: its database, its evidence files and what it publishes.

    python -m tests.upgrade.dumping NAME                 from the demonstration of this code, grown (make release-dump)
    python -m tests.upgrade.dumping NAME --var FOLDER    from a folder that another release has written and grown

The demonstration uses fixed stand-ins for its secrets, so there is nothing secret in it, and its people are invented.
"""

from __future__ import annotations

import argparse
import io
import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from run.embedded.postgres import installed_programs
from run.embedded.servers import Servers
from tests.upgrade.restoring import ABOUT, DATABASE, EVIDENCE, PUBLISHED, RELEASES

BASE = Path(__file__).parents[2]
MEMBERS = 400
# Servers before 17 do not know this setting, and a restore has no use for it.
_ONLY_NEW_SERVERS = re.compile(rb"^SET transaction_timeout = .*\n", re.MULTILINE)
_GROW = "from pathlib import Path; from tests.upgrade.growing import main; main(Path({var!r}))"
_PACKING = lzma.PRESET_EXTREME | 9


def grow(var: Path) -> None:
    """The demonstration of this code, its rehearsal, and what `growing` adds, in a folder of their own."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("ASSIZE_", "DATABASE_"))}
    environ |= {"ASSIZE_MODE": "demo", "ASSIZE_VAR": str(var)}
    environ.pop("CELERY_BROKER_URL", None)
    servers = Servers(var)
    servers.own()
    try:
        environ |= servers.environment()
        for command in (
            ["manage.py", "migrate", "--verbosity", "0"],
            ["manage.py", "demo", "--members", str(MEMBERS)],
            ["manage.py", "rehearse"],
            ["manage.py", "shell", "--no-imports", "--command", _GROW.format(var=str(var))],
        ):
            subprocess.run([sys.executable, *command], cwd=BASE, env=environ, check=True)
    finally:
        servers.stop()


def dump(var: Path, into: Path) -> None:
    """Write what the folder of a stopped service holds."""
    into.mkdir(parents=True, exist_ok=True)
    servers = Servers(var, broker=False)
    servers.own()
    try:
        assert servers.postgres is not None
        options = ["--no-owner", "--no-acl", "--no-comments", f"--dbname={servers.postgres.owner_url()}"]
        program = str(installed_programs() / "bin" / "pg_dump")
        sql = subprocess.run([program, *options], check=True, capture_output=True).stdout
    finally:
        servers.stop()
    (into / DATABASE).write_bytes(lzma.compress(_ONLY_NEW_SERVERS.sub(b"", sql), preset=_PACKING))
    (into / EVIDENCE).write_bytes(lzma.compress(_archive(var / "uploads"), preset=_PACKING))
    (into / PUBLISHED).write_bytes(lzma.compress((var / "published.json").read_bytes(), preset=_PACKING))
    (into / ABOUT).write_bytes((var / ABOUT).read_bytes())


def _archive(folder: Path) -> bytes:
    """The files by name, without the machine's users and moments."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(str(path.relative_to(folder)))
                entry.size, entry.mode = path.stat().st_size, 0o600
                with path.open("rb") as content:
                    archive.addfile(entry, content)
    return raw.getvalue()


def main(arguments: list[str]) -> None:
    """Make one folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="the release: a version, or a commit")
    parser.add_argument("--var", type=Path, help="dump this folder instead of growing a new one")
    given = parser.parse_args(arguments)
    into = RELEASES / given.name
    if given.var:
        dump(given.var, into)
    else:
        with tempfile.TemporaryDirectory(prefix="assize-release-") as folder:
            os.chmod(folder, 0o755)  # as root the embedded database runs as somebody else
            grow(Path(folder) / "var")
            dump(Path(folder) / "var", into)
    for path in sorted(into.iterdir()):
        sys.stdout.write(f"{path.stat().st_size:>9,}  {path.relative_to(BASE)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
