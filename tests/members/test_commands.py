"""The commands of the app."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from members.models import PlanVersion, User
from tests.factories import alone, make_user, plan_file, revised

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_all_shipped_files_are_loaded_once() -> None:
    first = run("load_plans")
    assert first.count(": published,") == PlanVersion.objects.count() == 5
    again = run("load_plans")
    assert again.count("was published already") == 5
    assert Entry.objects.filter(kind="plan_version.published").count() == 5


def test_a_corrected_file_is_said_once_and_not_published(tmp_path: Path) -> None:
    run("load_plans")
    path = tmp_path / "xhb.toml"
    path.write_text(revised(plan_file("xhb-2020-01-01"), 4).replace('"8 %"', '"9 %"'), encoding="utf-8")
    assert "xhb 2020-01-01: was published already as revision 3 and stays as it is; revision 4" in run(
        "load_plans", "--file", str(path)
    )
    assert "xhb 2020-01-01: was published already, in force" in run("load_plans", "--file", str(path))
    assert PlanVersion.objects.get(plan__code="xhb", label="2020-01-01").rules.fee_bp == 800


def test_one_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(alone(plan_file("xhb-2020-01-01")).replace('code = "xhb"', 'code = "mine"'), encoding="utf-8")
    assert "mine 2020-01-01: published" in run("load_plans", "--file", str(path))
    assert PlanVersion.objects.get().plan.code == "mine"


@pytest.mark.parametrize("content", [b'code = "broken"', b"\xff\xfe", None])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=r"broken\.toml"):
        run("load_plans", "--file", str(path))
    assert not PlanVersion.objects.exists()


def test_a_log_in_is_created_with_a_good_password_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("password\n"))
    with pytest.raises(CommandError, match="too"):
        run("create_login", "staff@test.example", "--role", "reviewer")
    assert not User.objects.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("nine-green-bottles\n"))
    run("create_login", "staff@test.example", "--role", "reviewer", "--role", "auditor")
    user = User.objects.get()
    assert user.check_password("nine-green-bottles")
    assert user.roles == {"reviewer", "auditor"}
    assert set(Entry.objects.values_list("actor", flat=True)) == {"system:command_line"}
    monkeypatch.setattr("sys.stdin", io.StringIO("nine-green-bottles\n"))
    with pytest.raises(CommandError, match="already"):
        run("create_login", "staff@test.example")


def test_roles_are_given_and_taken_back() -> None:
    make_user("staff@test.example")
    assert "reviewer" in run("role", "grant", "Staff@Test.Example", "reviewer")
    with pytest.raises(CommandError, match="already"):
        run("role", "grant", "staff@test.example", "reviewer")
    assert "no roles" in run("role", "revoke", "staff@test.example", "reviewer")
    with pytest.raises(CommandError, match="no log-in"):
        run("role", "grant", "nobody@test.example", "reviewer")
