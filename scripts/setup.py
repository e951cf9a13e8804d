"""Makes .venv and installs the pinned requirements; standard library only, since nothing is installed yet.

    python3 scripts/setup.py [--dev]

Does nothing when the requirements have not changed since the last time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
ENVIRONMENT = BASE / ".venv"
PART = BASE / ".venv.part"
UV = "uv==0.13.9"
_AS_FOR_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
}


class SetupFailed(Exception):
    """The environment cannot be made; the text says why and what to do."""


def main(arguments: list[str]) -> int:
    """Bring .venv up to date with the requirements."""
    started = time.monotonic()
    wanted = "dev" if "--dev" in arguments else "runtime"
    try:
        descriptor = os.open(BASE, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # two at once would build over each other; ends with this process
        changed = bring_up_to_date(wanted)
    except SetupFailed as error:
        sys.stderr.write(f"setup: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"setup: {error.filename}: {error.strerror}\n")
        return 1
    if changed:
        sys.stdout.write(f"Installed in .venv in {time.monotonic() - started:.1f} s.\n")
    return 0


def bring_up_to_date(wanted: str) -> bool:
    """Install what `wanted` ("runtime" or "dev") lacks; False when nothing was to do."""
    check_python()
    stamp = ENVIRONMENT / "installed.json"
    known = read_stamp(stamp)
    if known.get("place") != place():  # never finished, moved here from elsewhere, or made by another Python
        make_environment()
        known = {"place": place()}
    files = {"runtime": "requirements.txt", "dev": "requirements-dev.txt"}
    due = [
        kind for kind in ("runtime", "dev") if kind in {"runtime", wanted} and known.get(kind) != digest(files[kind])
    ]
    if not due:
        return False
    stamp.unlink(missing_ok=True)  # interrupted from here on, the environment is made again
    install([files[kind] for kind in due])
    known |= {kind: digest(files[kind]) for kind in due}
    stamp.write_text(json.dumps(known))
    return True


def check_python() -> None:
    """The Python that runs this must be able to make environments."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one is named
        raise SetupFailed(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Name one: make PYTHON=…")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupFailed("this Python cannot make environments: apt-get install python3-venv make") from None


def place() -> str:
    """What an environment depends on apart from its requirements: its place, and the Python that made it."""
    return f"{ENVIRONMENT} {sys.version_info.major}.{sys.version_info.minor}"


def digest(name: str) -> str:
    """The digest of one requirements file."""
    return hashlib.sha256((BASE / name).read_bytes()).hexdigest()


def read_stamp(stamp: Path) -> dict[str, str]:
    """What was installed, as noted by the last set-up that came to its end."""
    try:
        found = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def make_environment() -> None:
    """Make the environment under another name and rename it: half of one is never taken for a whole."""
    sys.stdout.write("Making .venv\n")
    sys.stdout.flush()
    shutil.rmtree(PART, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(PART)], "the environment could not be made")
    for script in (PART / "bin").iterdir():
        if script.is_symlink():
            continue
        text = script.read_bytes()
        if bytes(PART) in text:
            script.write_bytes(text.replace(bytes(PART), bytes(ENVIRONMENT)))
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    PART.rename(ENVIRONMENT)


def install(files: list[str]) -> None:
    """Install with uv, which takes seconds; with pip where uv cannot be had or fails."""
    python = str(ENVIRONMENT / "bin" / "python")
    sys.stdout.write(f"Installing {' and '.join(files)}\n")
    sys.stdout.flush()
    options = [option for name in files for option in ("-r", str(BASE / name))]
    quiet = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    have_uv = subprocess.run([*quiet, UV], capture_output=True, check=False).returncode == 0
    if have_uv:
        uv = [str(ENVIRONMENT / "bin" / "uv"), "pip", "install", "--quiet", "--python", python, *options]
        if subprocess.run(uv, capture_output=True, check=False, env=environment_for_uv(python)).returncode == 0:
            return
    run([*quiet, *options], "the requirements could not be installed")


def environment_for_uv(python: str) -> dict[str, str]:
    """Settings for pip about where packages are hold for uv too."""
    environ = dict(os.environ)
    listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        name, _sign, value = line.partition("=")
        target = _AS_FOR_PIP.get(name.rpartition(".")[2])
        if target:
            environ.setdefault(target, " ".join(value.strip("'\"").split()))
    if "UV_INDEX" in environ:
        environ.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # all indexes alike, as pip has it
    return environ


def run(argv: list[str], otherwise: str) -> None:
    """Run a program; raises SetupFailed with its last line of complaint."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = (done.stderr.strip() or done.stdout.strip() or f"code {done.returncode}").splitlines()
        raise SetupFailed(f"{otherwise}: {told[-1]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
