"""The public page of a draw."""

from __future__ import annotations

import io
import shlex

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit.models import Checkpoint
from jury.selectors.draws import draw_record
from tests.audit.bending import bend
from tests.jury.conftest import CASE, Court


def page() -> str:
    return reverse("draw_record", args=[CASE, 1])


def test_anybody_reads_the_record_without_names_or_reasons(client: Client, court: Court) -> None:
    itself = court.add_juror(court.claimant.person)
    court.add_jurors(2)
    panel = court.drawn()
    response = client.get(page())
    assert response.status_code == 200
    text = response.content.decode()
    assert panel.commitment_digest in text
    assert panel.entropy in text
    assert f'<td class="num">{itself.number}</td>' in text
    assert "skipped" in text
    assert "conflict" not in text
    assert court.claimant.person.name not in text


def test_the_record_names_the_checkpoint_that_stood_over_the_commitment(client: Client, court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    checkpoint = Checkpoint.objects.get(size=panel.checkpoint_size)
    text = client.get(page()).content.decode()
    assert f"the one over the first {checkpoint.size} entries" in text
    assert bytes(checkpoint.root).hex() in text
    bend("UPDATE jury_panel SET checkpoint_size = NULL")  # as a draw of an earlier release has it
    text = client.get(page()).content.decode()
    assert "made before draws waited until a signed checkpoint" in text
    assert bytes(checkpoint.root).hex() not in text


def test_the_command_on_the_page_repeats_the_draw(court: Court) -> None:
    court.add_jurors(8)
    panel = court.drawn()
    record = draw_record(CASE, 1)
    assert record is not None
    _python, _manage, command, *arguments = shlex.split(record.command)
    output = io.StringIO()
    call_command(command, *arguments, stdout=output)
    assert output.getvalue().split() == [str(step.number) for step in panel.steps.order_by("position")]


def test_before_the_draw_there_is_no_page(client: Client, court: Court) -> None:
    court.add_jurors(3)
    court.commit()
    assert client.get(page()).status_code == 404
    assert client.get(reverse("draw_record", args=["C26-NOBODY", 1])).status_code == 404
