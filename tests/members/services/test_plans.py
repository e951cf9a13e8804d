"""Publishing plan versions."""

from __future__ import annotations

import pytest

from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.plans import PlanFileDiffers, PlanFileInvalid, PlanIsAnother, PlanVersionPublished, RulesUnknown
from members.models import Plan, PlanVersion
from members.selectors.plans import rules_with, version_with, versions_read_otherwise
from members.services.plans import Loading, load_plan_file, load_plan_version
from tests.factories import alone, make_version_from, plan_file, revised
from tests.members.rules.published_plans import PublishedPlan, published_plans

pytestmark = pytest.mark.django_db
SOURCE = alone(plan_file("xhb-2020-01-01"))


def load(source: str = SOURCE) -> PlanVersion:
    return load_plan_version(source=source, filename="x.toml", by=SYSTEM)


def test_a_version_is_published_with_its_plan_and_an_entry() -> None:
    version = load()
    assert (version.plan.code, version.plan.currency, version.label) == ("xhb", "CNY", "2020-01-01")
    assert version.digest == version.rules.digest
    entry = Entry.objects.get(kind="plan_version.published")
    assert (entry.stream, entry.actor) == ("plan:xhb", "system:assize")
    assert entry.body["digest"] == version.digest


def test_the_same_rules_again_change_nothing() -> None:
    first = load()
    assert load("# a comment more\n" + SOURCE).pk == first.pk
    assert PlanVersion.objects.count() == Plan.objects.count() == 1
    assert Entry.objects.filter(kind="plan_version.published").count() == 1


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        # same start, same name
        (SOURCE.replace('fee = "8 %"', 'fee = "9 %"'), PlanFileDiffers),
        # same start
        (
            SOURCE.replace('version = "2020-01-01"', 'version = "2020-01-02"').replace('"8 %"', '"9 %"'),
            PlanVersionPublished,
        ),
        # same name
        (SOURCE.replace("starts_at = 2020-01-01T00:00:00", "starts_at = 2020-02-01T00:00:00"), PlanFileDiffers),
    ],
)
def test_a_published_version_never_changes(changed: str, fact: type[Exception]) -> None:
    load()
    with pytest.raises(fact, match="later start"):
        load(changed)
    assert PlanVersion.objects.get().rules.fee_bp == 800


def test_a_file_that_differs_is_told_the_revision_to_write() -> None:
    load(revised(SOURCE, 4))
    with pytest.raises(PlanFileDiffers) as told:
        load(revised(SOURCE, 4).replace('"8 %"', '"9 %"'))
    assert (told.value.held, told.value.next) == (4, 5)
    assert "write “revision = 5” in it" in str(told.value)


@pytest.mark.parametrize(("held", "offered"), [(1, 2), (1, 7), (3, 1), (3, 2)])
def test_another_revision_is_not_published_and_the_log_says_so_once(held: int, offered: int) -> None:
    first = load(revised(SOURCE, held))
    corrected = revised(SOURCE, offered).replace('fee = "8 %"', 'fee = "9 %"')
    loaded = load_plan_file(source=corrected, filename="x.toml", by=SYSTEM)
    assert (loaded.version, loaded.outcome, loaded.is_news) == (first, Loading.KEPT, True)
    assert PlanVersion.objects.get().rules.fee_bp == 800
    entry = Entry.objects.get(kind="plan_version.kept")
    assert entry.stream == "plan:xhb"
    assert {**entry.body, "not_published_digest": ""} == {
        "version": "2020-01-01",
        "revision": held,
        "digest": first.digest,
        "not_published_revision": offered,
        "not_published_digest": "",
    }
    assert "was published already as revision" in loaded.line
    again = load_plan_file(source=corrected, filename="x.toml", by=SYSTEM)
    assert (again.outcome, again.is_news) == (Loading.KEPT, False)
    assert "was published already, in force" in again.line
    assert Entry.objects.filter(kind="plan_version.kept").count() == 1


def test_each_further_revision_is_told() -> None:
    load()
    for revision in (4, 5):
        corrected = revised(SOURCE, revision).replace('fee = "8 %"', f'fee = "{revision} %"')
        assert load_plan_file(source=corrected, filename="x.toml", by=SYSTEM).is_kept_news
    told = Entry.objects.filter(kind="plan_version.kept").order_by("pk")
    assert [entry.body["not_published_revision"] for entry in told] == [4, 5]


def test_a_new_database_gets_the_corrected_file() -> None:
    version = load(revised(SOURCE, 4))
    assert version.rules.revision == 4
    assert Entry.objects.get(kind="plan_version.published").body["revision"] == 4
    assert not Entry.objects.filter(kind="plan_version.kept").exists()


def published(commit: str, file: str) -> PublishedPlan:
    """A file as a release of that time published it."""
    [one] = [one for one in published_plans() if (one.commit, one.file) == (commit, file)]
    return one


def published_as_it_was(commit: str, file: str) -> PlanVersion:
    """A version as a release of that time stored it."""
    one = published(commit, file)
    return make_version_from(one.text, one.file, digest=one.digest)


def test_a_version_of_an_earlier_release_is_the_same_as_a_file_that_says_what_it_left_unsaid() -> None:
    """The file says how long an applicant may ask for the jury; the version means the same without a word."""
    version = published_as_it_was("ba5a383", "xhb-2020-01-01.toml")
    later = published("f3d7946", "xhb-2020-01-01.toml").text
    assert version.digest != PlanVersion(source=later, label="2020-01-01", digest="").rules.text_digest
    loaded = load_plan_file(source=later, filename="x.toml", by=SYSTEM)
    assert (loaded.version, loaded.outcome) == (version, Loading.UNCHANGED)


def test_a_version_is_found_by_its_stored_digest_also_where_another_is_computed() -> None:
    version = make_version_from(SOURCE, digest="ab" * 32)
    assert version_with("ab" * 32) == version
    assert rules_with("ab" * 32).digest == "ab" * 32
    assert rules_with("ab" * 32).text_digest != "ab" * 32
    with pytest.raises(RulesUnknown, match=version.rules.text_digest):
        version_with(version.rules.text_digest)


def test_the_versions_that_are_read_otherwise_are_named() -> None:
    published_as_it_was("e69d7b6", "xhb-2018-11-27.toml")
    assert versions_read_otherwise() == []
    other = make_version_from(SOURCE, digest="ab" * 32)
    [found] = versions_read_otherwise()
    assert (found.version, found.text_digest, found.problem) == (other, other.rules.text_digest, "")


def test_a_plan_keeps_its_currency() -> None:
    load()
    changed = SOURCE.replace('currency = "CNY"', 'currency = "EUR"').replace("2020-01-01", "2021-01-01")
    with pytest.raises(PlanIsAnother, match="currency"):
        load(changed)
    assert PlanVersion.objects.count() == 1


def test_a_file_that_cannot_be_read_opens_no_plan() -> None:
    with pytest.raises(PlanFileInvalid):
        load("code = 1")
    assert not Plan.objects.exists()
