"""`manage.py check --database default` names what was published and is read otherwise now, and panels without rules."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.db import connection

from config.checks import panels_have_their_rules, published_texts_give_their_digests
from tests.adjudication.trials import at_vote
from tests.factories import make_plan_version, make_version_from, plan_file, store_under

pytestmark = pytest.mark.django_db
DEFAULT = ["default"]


def test_a_version_that_is_read_as_it_was_published_is_not_named() -> None:
    make_plan_version()
    assert published_texts_give_their_digests(databases=DEFAULT) == []


def test_a_version_whose_text_gives_another_digest_is_named_with_both() -> None:
    version = make_version_from(plan_file("xhb-2020-01-01"), digest="ab" * 32)
    assert published_texts_give_their_digests(databases=None) == []
    [found] = published_texts_give_their_digests(databases=DEFAULT)
    assert found.id == "assize.W002"
    assert found.msg.startswith("Plan version xhb 2020-01-01 was published with the digest abab")
    assert version.rules.text_digest in found.msg
    assert found in run_checks(databases=DEFAULT)


def test_a_version_that_cannot_be_read_any_more_is_named_with_the_reason() -> None:
    version = make_plan_version()
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update members_planversion set source = 'code = 1' where id = %s", [version.pk])
    [found] = published_texts_give_their_digests(databases=DEFAULT)
    assert "This release cannot read its text: 2020-01-01" in found.msg


def test_panels_without_rules_are_named() -> None:
    trial = at_vote()
    assert panels_have_their_rules(databases=DEFAULT) == []
    store_under(trial.version, "ef" * 32)
    assert panels_have_their_rules(databases=None) == []
    [found] = panels_have_their_rules(databases=DEFAULT)
    assert found.id == "assize.W003"
    assert f"{trial.claim.ref}, round 1 ({trial.panel.rules_digest})" in found.msg


def test_a_database_without_tables_yet_has_nothing_to_name() -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table members_planversion rename to members_planversion_before")
    assert published_texts_give_their_digests(databases=DEFAULT) == []
    assert panels_have_their_rules(databases=DEFAULT) == []
