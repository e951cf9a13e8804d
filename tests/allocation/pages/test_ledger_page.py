"""The ledger's page."""

from __future__ import annotations

import pytest

from tests.allocation.stage import Stage

LEDGER = "/board/ledger/xhb/"


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_the_trial_balance_and_the_transactions(stage: Stage, role: str) -> None:
    period = stage.paid()
    client = stage.as_(stage.cast.by_role()[role])
    text = client.get(LEDGER).content.decode()
    assert "The balances sum to zero" in text
    for shown in ("Charge of a period", "Shares collected", "Aid paid", "above the cap of a case", "Counted from"):
        assert shown in text, shown
    narrowed = client.get(LEDGER, {"period": str(period.notice_on)}).content.decode()
    assert "Transactions of the period of" in narrowed


def test_an_empty_ledger_says_what_will_come(stage: Stage) -> None:
    text = stage.as_(stage.cast.auditor).get(LEDGER).content.decode()
    assert "Nothing has been posted yet" in text


@pytest.mark.parametrize("asked", ["2024-02-30", "words", "2024-01-07"])
def test_a_period_that_does_not_exist_is_not_found(stage: Stage, asked: str) -> None:
    assert stage.as_(stage.cast.auditor).get(LEDGER, {"period": asked}).status_code == 404


def test_the_form_s_empty_choice_shows_everything(stage: Stage) -> None:
    stage.paid()
    text = stage.as_(stage.cast.auditor).get(LEDGER, {"period": ""}).content.decode()
    assert "Aid paid" in text
