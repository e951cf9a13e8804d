"""Publishing plan versions."""

from __future__ import annotations

import pytest

from audit.actors import SYSTEM
from audit.models import Entry
from members.errors import PlanIsAnother, PlanVersionPublished
from members.models import Plan, PlanVersion
from members.rules.plans import PlanFileInvalid
from members.services.plans import load_plan_version
from tests.factories import plan_file

pytestmark = pytest.mark.django_db
SOURCE = plan_file("xhb-2020-01-01")


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
    "changed",
    [
        SOURCE.replace('fee = "8 %"', 'fee = "9 %"'),  # same start, same name
        SOURCE.replace('version = "2020-01-01"', 'version = "2020-01-02"').replace('"8 %"', '"9 %"'),  # same start
        SOURCE.replace("starts_at = 2020-01-01T00:00:00", "starts_at = 2020-02-01T00:00:00"),  # same name
    ],
)
def test_a_published_version_never_changes(changed: str) -> None:
    load()
    with pytest.raises(PlanVersionPublished, match="later start"):
        load(changed)
    assert PlanVersion.objects.get().rules.fee_bp == 800


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
