"""Every `manage.py …` of the documentation can be typed as it stands: the command, its options and its arguments."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class
from django.core.management.base import BaseCommand

from tests.test_docs import PAGES, ROOT, name_of

WRITTEN = re.compile(r"manage\.py ([^`\n]+)")
TABLE_OF_README = re.compile(r"^\| `([a-z_]+(?: [^`]*)?)` \|", re.M)
ANY_COMMAND = "COMMAND"
"""Stands for a name."""
STANDS_FOR_A_NUMBER = {"N", "K", "MINUTES", "HOURS"}


def written_in(text: str) -> list[str]:
    """What follows `manage.py`, line by line; a line that ends in a backslash goes on in the next one."""
    return [found.strip() for found in WRITTEN.findall(re.sub(r"\\\n\s*", "", text))]


def fault_of(line: str) -> str | None:
    """Why this cannot be typed, in the words of the command itself; None where it can."""
    words = shlex.split(re.split(r"\s(?:[<>|]|2>|&&)", line)[0], comments=True)
    name, arguments = words[0], [re.sub(r"^\[(.*)\]$", r"\1", word) for word in words[1:]]
    if name == ANY_COMMAND:
        return None
    if name not in get_commands():
        return f"there is no command {name}"
    app = get_commands()[name]
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    parser = command.create_parser("manage.py", name)
    try:
        parser.parse_args(["1" if word in STANDS_FOR_A_NUMBER else word for word in arguments])
    except CommandError as error:
        return str(error)
    except SystemExit:
        return "it only prints its help"
    return None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_can_be_typed_as_they_are_written(page: Path) -> None:
    faults = {line: fault for line in written_in(page.read_text(encoding="utf-8")) if (fault := fault_of(line))}

    assert not faults


def test_the_commands_of_the_readme_can_be_typed() -> None:
    lines = TABLE_OF_README.findall((ROOT / "README.md").read_text(encoding="utf-8"))

    assert len(lines) >= 6
    assert not {line: fault for line in lines if (fault := fault_of(line))}


def test_there_are_commands_to_look_at() -> None:
    assert sum(len(written_in(page.read_text(encoding="utf-8"))) for page in PAGES) > 20


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("grant_runtime_role", "required: name"),
        ("verify_audit_log --cosigned-since 3", "unrecognized arguments"),
        ("verify_log", "no command verify_log"),
        ("import_members members.csv", "required: --plan"),
        ("check_uploads --older-than none", "a whole number of hours"),
    ],
)
def test_a_line_that_cannot_be_typed_is_found(line: str, told: str) -> None:
    assert told in str(fault_of(line))


def test_lines_of_a_shell_are_read_as_a_shell_does() -> None:
    text = (
        '    ASSIZE_MODE=demo python manage.py draw --pool N \\\n        --seats K --entropy "A B" > out.txt  # all\n'
    )

    assert written_in(text) == ['draw --pool N --seats K --entropy "A B" > out.txt  # all']
    assert fault_of(written_in(text)[0]) is None
