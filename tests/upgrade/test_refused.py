"""`make run` on a database that it can't carry over: one clear line, and the database as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from run.supervisor import CannotRun, Supervisor
from tests.upgrade.restoring import REFUSED, Release, refused, restored

LATER = (
    "insert into django_migrations (app, name, applied) "
    "select 'jury', '0999_from_a_later_release', max(applied) from django_migrations"
)


def test_make_run_says_that_a_later_release_wrote_the_database(
    embedded_servers: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with restored(refused()[0], tmp_path) as database:
        database.owner.execute(LATER)
        before = database.rows("select app, name from django_migrations order by id")
        for name, value in database.environ.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "logs").mkdir()

        with pytest.raises(CannotRun) as told:
            Supervisor(var=tmp_path, host="127.0.0.1", port=1)._prepare()

        assert str(told.value).count("\n") == 0
        assert "(jury.0999_from_a_later_release is not known here)" in str(told.value)
        assert "make reset" in str(told.value)
        assert database.rows("select app, name from django_migrations order by id") == before


@pytest.mark.parametrize("release", refused(), ids=lambda release: release.folder.name)
def test_make_run_refuses_a_release_whose_ballots_were_not_secret_for_good(
    embedded_servers: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Release
) -> None:
    with restored(release, tmp_path) as database:
        before = database.rows("select app, name from django_migrations order by id")
        for name, value in database.environ.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "logs").mkdir()

        with pytest.raises(CannotRun) as told:
            Supervisor(var=tmp_path, host="127.0.0.1", port=1)._prepare()

        assert REFUSED[release.folder.name] in str(told.value)
        assert "make reset" in str(told.value)
        assert "To keep it: run the release that wrote it" in str(told.value)
        assert database.rows("select app, name from django_migrations order by id") == before
