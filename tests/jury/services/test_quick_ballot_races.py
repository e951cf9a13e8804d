"""The races of ballots once more, with the quick way first."""

from __future__ import annotations

import pytest

from tests.jury.services import quick_way
from tests.jury.services.test_ballot_races import *  # noqa: F403 - played again

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_way_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.jury.conftest.cast_ballot", quick_way.cast)
