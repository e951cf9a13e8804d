"""Keeps what releases published: every plan file of some commits, with the digest that the code of that commit gives.

    .venv/bin/python scripts/published_plans.py COMMIT [COMMIT …]

adds them to tests/members/rules/published_plans.json.xz, from which tests prove that later releases read them the same.
"""

from __future__ import annotations

import io
import json
import lzma
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parents[1]
KEPT = BASE_DIR / "tests" / "members" / "rules" / "published_plans.json.xz"
_DIGESTS = """
import json, pathlib
from django.conf import settings
settings.configure(USE_I18N=False)
from members.rules.plans import parse_plan
found = {}
for path in sorted(pathlib.Path("members/plan_files").rglob("*.toml")):
    text = path.read_text(encoding="utf-8")
    found[path.name] = {"text": text, "digest": parse_plan(text, path.name).digest}
print(json.dumps(found))
"""


def published_by(commit: str) -> dict[str, dict[str, str]]:
    """The plan files of a commit, by name: text, and digest as its own code computes it."""
    git = shutil.which("git") or "git"
    archive = subprocess.run([git, "archive", commit], cwd=BASE_DIR, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        run = subprocess.run([sys.executable, "-c", _DIGESTS], cwd=folder, capture_output=True, check=True, text=True)
    found: dict[str, dict[str, str]] = json.loads(run.stdout)
    return found


def read() -> list[dict[str, Any]]:
    """What is kept: commit, file, digest and text each."""
    kept: list[dict[str, Any]] = json.loads(lzma.decompress(KEPT.read_bytes())) if KEPT.exists() else []
    return kept


def main(commits: list[str]) -> None:
    """Add what is not kept yet."""
    kept = read()
    known = {(one["digest"], one["text"]) for one in kept}
    for commit in commits:
        for file, one in published_by(commit).items():
            if (one["digest"], one["text"]) not in known:
                known.add((one["digest"], one["text"]))
                kept.append({"commit": commit, "file": file, **one})
                sys.stdout.write(f"{commit} {file} {one['digest'][:16]}\n")
    KEPT.write_bytes(lzma.compress(json.dumps(kept, ensure_ascii=False, indent=0).encode(), preset=9))


if __name__ == "__main__":
    main(sys.argv[1:])
