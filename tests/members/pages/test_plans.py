"""The public pages of the plans."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.test import Client

from members.models import PlanVersion
from members.rules.plan_waits import WaitRules
from members.rules.plans import parse_plan
from members.selectors.cover import illnesses_found
from tests.cast import Cast
from tests.factories import make_plan_version, make_version_from, plan_file, revised

pytestmark = pytest.mark.django_db
SHIPPED = sorted(
    ["xhb-2018-11-27", "xhb-2019-01-01", "xhb-2020-01-01", "xhb-mutual-2018-10-16", "xhb-senior-2019-05-01"]
)


def test_the_list_is_public_and_shows_every_plan(client: Client) -> None:
    for name in SHIPPED:
        make_plan_version(name)
    page = client.get("/plans/")
    assert page.status_code == 200
    for code in ("xhb", "xhb-mutual", "xhb-senior"):
        assert f'href="/plans/{code}/"' in page.content.decode()


def test_the_list_says_so_when_there_is_no_plan(client: Client) -> None:
    assert "No plan yet" in client.get("/plans/").content.decode()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_version_can_be_read_in_words(client: Client, name: str) -> None:
    version = make_plan_version(name)
    text = client.get(f"/plans/{version.plan.code}/").content.decode()
    rules = version.rules
    assert version.digest in text
    for condition in rules.covered:
        assert f">{condition.clause}<" in text
        assert condition.title.zh in text
    for question in rules.opinions.questions:
        assert question.text.zh in text


def test_how_long_a_claim_can_wait_is_said_in_words(client: Client) -> None:
    version = make_plan_version()
    waits = version.rules.waits
    text = client.get("/plans/xhb/").content.decode()
    assert f"A claim that no investigator takes is given to one after {waits.take_days} days." in text
    assert f"A hold lifts by itself after {waits.hold_days} days" in text
    assert text.count("<li>", text.index('<section aria-labelledby="waits">'), text.index('id="versions"')) == 7


def test_where_a_version_sets_no_days_a_hold_ends_all_the_same(client: Client) -> None:
    before, waits, after = re.split(r"(\[waits\][^\[]+)", plan_file("xhb-2020-01-01"))
    version = make_version_from(before + re.sub(r"= \d+", '= "none"', waits) + after)
    assert version.rules.waits == WaitRules()
    text = client.get("/plans/xhb/").content.decode()
    assert "This version sets no end to other waits than a hold" in text
    assert "A hold lifts by itself after 30 days" in text
    assert text.count("<li>", text.index('<section aria-labelledby="waits">'), text.index('id="versions"')) == 1


def test_texts_stand_in_both_languages_the_other_one_marked(client: Client, cast: Cast) -> None:
    english = client.get("/plans/xhb/").content.decode()
    assert '<span class="muted small" lang="zh-Hans">恶性肿瘤</span>' in english
    chinese = client.get("/plans/xhb/", headers={"accept-language": "zh-hans"}).content.decode()
    assert '<span class="muted small" lang="en">Malignant tumour</span>' in chinese
    assert "¥300,000.00" in english
    assert "300,000.00 元" in chinese


def test_amounts_days_and_the_table_come_from_the_version(client: Client) -> None:
    source = plan_file("xhb-2019-01-01")
    for old, new in (
        ('fee = "8 %"', 'fee = "8.25 %"'),
        ("within_days = 180", "within_days = 77"),
        ('against = { confirmed = "fresh_panel"', 'against = { confirmed = "approved"'),
    ):
        assert old in source
        source = source.replace(old, new)
    make_version_from(source)
    text = client.get("/plans/xhb/").content.decode()
    assert "8.25\xa0%" in text
    assert "77 days after first diagnosis" in text
    assert "¥188.00" in text
    assert text.count("<td>approved</td>") == 3


def test_an_older_version_is_shown_as_such(client: Client) -> None:
    old, new = make_plan_version("xhb-2019-01-01"), make_plan_version("xhb-2020-01-01")
    text = client.get("/plans/xhb/?version=2019-01-01").content.decode()
    assert "until a later version started" in text
    assert "Gaucher" not in text
    text = client.get("/plans/xhb/").content.decode()
    assert "until a later version started" not in text
    assert "Gaucher" in text
    assert old.digest in text
    assert new.digest in text
    assert client.get("/plans/xhb/?version=1999-01-01").status_code == 404


def test_a_plan_that_has_not_started_cannot_be_joined_yet(client: Client) -> None:
    make_version_from(plan_file("xhb-2020-01-01").replace("starts_at = 2020-01-01", "starts_at = 2990-01-01"))
    text = client.get("/plans/xhb/").content.decode()
    assert "These rules apply from" in text
    assert "/plans/xhb/join/" not in text
    assert "comes into force" in client.get("/plans/").content.decode()


def test_the_file_gives_the_same_rules_and_digest(client: Client, cast: Cast) -> None:
    version: PlanVersion = cast.version
    response = client.get("/plans/xhb/versions/2020-01-01.toml")
    assert response["Content-Disposition"] == 'attachment; filename="xhb-2020-01-01.toml"'
    rules = parse_plan(response.content.decode(), "saved.toml")
    assert hashlib.sha256(rules.canonical_json.encode()).hexdigest() == version.digest


def test_the_revision_of_a_file_is_shown_where_it_is_not_the_first(client: Client, cast: Cast) -> None:
    make_version_from(revised(plan_file("xhb-2019-01-01"), 1))
    assert client.get("/plans/xhb/").content.decode().count("of the file</span>") == 1, "2020-01-01 is the second"
    make_version_from(revised(plan_file("xhb-2018-11-27"), 4))
    assert "revision 4 of the file</span>" in client.get("/plans/xhb/").content.decode()
    chinese = client.get("/plans/xhb/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "文件修订号4</span>" in chinese


@pytest.mark.parametrize("path", ["/plans/none/", "/plans/none/versions/x.toml", "/plans/xhb/versions/x.toml"])
def test_what_is_not_there_is_not_found(client: Client, cast: Cast, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_role_may_read(client: Client, cast: Cast) -> None:
    for user in cast.by_role().values():
        client.logout()
        if user is not None:
            client.force_login(user)
        assert client.get("/plans/xhb/").status_code == 200


def test_an_illness_is_looked_up_by_name_and_by_code(client: Client, cast: Cast) -> None:
    by_code = client.get("/plans/xhb/", {"illness": "C73"}).content.decode()
    assert "What these rules say of “C73”" in by_code
    assert "Excluded where mild: Mild thyroid cancer (clause 5.1)" in by_code
    by_name = client.get("/plans/xhb/", {"illness": "common cold"}).content.decode()
    assert "It is not among the conditions of these rules." in by_name
    assert 'value="common cold"' in by_name
    assert "Nothing was found for “qqqq”" in client.get("/plans/xhb/", {"illness": "qqqq"}).content.decode()


def test_an_older_version_is_asked_for_what_it_covered(client: Client) -> None:
    for name in ("xhb-2019-01-01", "xhb-2020-01-01"):
        make_plan_version(name)
    page = client.get("/plans/xhb/", {"illness": "E75.2", "version": "2019-01-01"}).content.decode()
    assert "It is not among the conditions of these rules." in page
    assert '<input type="hidden" name="version" value="2019-01-01">' in page
    assert "It is not among" not in client.get("/plans/xhb/", {"illness": "E75.2"}).content.decode()


def test_a_subdivision_is_told_only_where_the_plan_says_something_else_of_it() -> None:
    rules = make_plan_version("xhb-2020-01-01").rules
    assert illnesses_found("cerebral infarction", rules, "en")[0].code == "I63"
    assert not [one for one in illnesses_found("cerebral infarction", rules, "en") if one.code.startswith("I63.")]
    of_kidneys = illnesses_found("N18", rules, "en")
    assert [(one.code, one.cover.severities) for one in of_kidneys] == [("N18", ()), ("N18.5", ("severe",))]


def test_what_was_looked_up_is_shown_as_text(client: Client, cast: Cast) -> None:
    page = client.get("/plans/xhb/", {"illness": 'stroke "<i>'}).content.decode()
    assert "What these rules say of “stroke &quot;&lt;i&gt;”" in page
    assert 'value="stroke &quot;&lt;i&gt;"' in page
    assert "<i>" not in page
