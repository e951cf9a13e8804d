"""The rehearsal: whatever the demonstration puts in the way, its players bring every claim to its decision."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from adjudication import tasks
from adjudication.models import Claim
from allocation.demo.loading import FEWEST_MEMBERS
from allocation.rehearsal import stage
from allocation.rehearsal.company import gather
from members.models import Plan


@pytest.mark.django_db
def test_every_claim_that_is_not_on_hold_is_decided(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("demo", "--members", str(FEWEST_MEMBERS), stdout=io.StringIO(), stderr=io.StringIO())
    plan = Plan.objects.get(code="xhb")
    company = gather(plan)
    begun = Claim.objects.filter(plan=plan, status__in=stage.PLAYED, hold_reason="").count()
    # What the workers would do while the players wait.
    monkeypatch.setattr(stage.time, "sleep", lambda _seconds: tasks.sweep_deadlines())
    monkeypatch.setattr(stage, "PATIENCE_SECONDS", 5)

    ended = stage.play_claims(plan, company, lambda _line: None)

    assert begun >= 4
    assert ended.total() == begun
    assert not Claim.objects.filter(plan=plan, status__in=stage.PLAYED, hold_reason="").exists()
