"""The documentation says what the code says, and its links and paths lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command, get_commands

from adjudication.machines import CLAIM, MACHINES
from audit.machines import Machine
from audit.rooms import all_machines
from config.management.commands import message_kinds, states
from run.messages import compile_all

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```|^ {4}.*?$", re.S | re.M)
ROOMS = (
    "pages/",
    "run/",
    "bench/",
    "audit",
    "members",
    "jury",
    "adjudication",
    "allocation",
    "config",
    "tests",
    "docs",
    "templates",
    "scripts",
)
DECISION = re.compile(r"\d{4}-[a-z0-9-]+\.md")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def test_the_states_page_is_what_the_machines_say() -> None:
    assert states.PAGE.read_text(encoding="utf-8") == states.states_page(), "run manage.py states"


def test_every_machine_has_its_diagram_and_table() -> None:
    page = states.PAGE.read_text(encoding="utf-8")

    for machine in all_machines():
        for source, target in machine.edges():
            assert f"    {source} --> {target}: " in page
        for act in machine.transitions:
            assert f"| `{act.name}`" in page
            assert act.when in page


def test_the_check_fails_on_a_page_that_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "PAGE", tmp_path / "states.md")
    with pytest.raises(CommandError, match="out of date"):
        call_command("states", "--check")

    (tmp_path / "states.md").write_text(states.states_page(), encoding="utf-8")
    call_command("states", "--check")

    other = Machine("claim", CLAIM.initial, CLAIM.states, CLAIM.transitions[:-1])
    monkeypatch.setattr(apps.get_app_config("adjudication"), "machines", (other, *MACHINES[1:]))
    with pytest.raises(CommandError, match="out of date"):
        call_command("states", "--check")


def test_the_messages_page_is_what_the_tables_say() -> None:
    compile_all()
    assert message_kinds.PAGE.read_text(encoding="utf-8") == message_kinds.messages_page(), (
        "run manage.py message_kinds"
    )


def test_every_kind_of_message_has_its_line_in_both_languages() -> None:
    compile_all()
    page = message_kinds.messages_page()
    assert page.count("| `adjudication.answer_asked` | Your answer is needed: claim %(ref)s<br>需要您答复：") == 1
    for name in message_kinds.all_kinds():
        assert page.count(f"| `{name}` |") == 1


def test_the_check_fails_on_messages_that_are_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_all()
    monkeypatch.setattr(message_kinds, "PAGE", tmp_path / "messages.md")
    with pytest.raises(CommandError, match="out of date"):
        call_command("message_kinds", "--check")
    (tmp_path / "messages.md").write_text(message_kinds.messages_page(), encoding="utf-8")
    call_command("message_kinds", "--check")


def test_there_are_pages_to_look_at() -> None:
    assert len(PAGES) > 15


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.is_file() or (anchor and anchor not in anchors(found)):
            broken.append(target)

    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_named_in_the_text_exist(page: Path) -> None:
    """`members/rules/dates.py` and the like; `*` stands for any name."""
    named = [word for word in CODE.findall(page.read_text(encoding="utf-8")) if word.startswith(ROOMS) and "/" in word]
    paths = [word for word in named if re.fullmatch(r"[\w./*-]+(\.(py|md|html|css|toml)|/)", word)]

    assert not [path for path in paths if not any(ROOT.glob(path.rstrip("/")))]


def test_the_readme_names_commands_that_there_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)", text, re.M))
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

    assert {"import_fhir", "rehearse", "replay", "draw", "bench"} <= named <= set(get_commands())
    assert set(re.findall(r"^ +make (\w+)", text, re.M)) | set(re.findall(r"`make (\w+)`", text)) <= targets


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    written = sorted(path.name for path in folder.glob("0*.md"))

    assert DECISION.findall((folder / "README.md").read_text(encoding="utf-8")) == written
    assert [int(name[:4]) for name in written] == list(range(1, len(written) + 1))
    for name in written:
        assert (folder / name).read_text(encoding="utf-8").startswith(f"# {int(name[:4])}. ")


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.M
    )
    words = [word for word, _chinese, _meaning in rows[1:]]

    assert len(words) > 50
    assert words == sorted(set(words))
    assert all(meaning.strip().endswith(".") for _word, _chinese, meaning in rows[1:])
