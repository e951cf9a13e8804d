"""Neither a word nor a draw before a signed checkpoint of the log covers the commitment."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Checkpoint, Entry, Leaf
from audit.services import publish, sequence_all
from jury.errors.draws import CommitmentNotSealed
from jury.models import Panel
from jury.selectors.draws import sealing_checkpoint
from jury.services.panels import draw_panel, give_nonce
from tests.jury.conftest import Court
from tests.moving import move_clock


def leaf_of(kind: str) -> int:
    return Leaf.objects.get(entry__kind=kind).leaf_index


def test_a_word_is_refused_until_the_log_has_signed_the_commitment(court: Court) -> None:
    court.add_jurors(4)
    publish()
    panel = court.commit(is_sealed=False)
    for place in (lambda: 0, sequence_all):  # neither an earlier checkpoint nor a place in the tree is enough
        place()
        with pytest.raises(CommitmentNotSealed, match=f"The draw of {panel.case_ref} was announced only a moment ago"):
            give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    assert (Panel.objects.get().nonce, Panel.objects.get().checkpoint_size) == ("", None)
    assert not Entry.objects.filter(kind="draw.nonce_given").exists()

    sealed = publish()
    assert sealed is not None
    assert give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM).checkpoint_size == sealed.size
    assert Entry.objects.get(kind="draw.nonce_given").body["checkpoint_size"] == sealed.size


def test_a_draw_at_its_deadline_waits_for_it_too(court: Court) -> None:
    court.add_jurors(4)
    panel = court.commit(is_sealed=False)
    move_clock(hours=court.rules.jury.nonce_hours)
    with pytest.raises(CommitmentNotSealed):
        draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert (Panel.objects.get().status, Panel.objects.get().entropy) == ("committed", "")

    publish()
    drawn = draw_panel(panel_id=panel.pk, by=SYSTEM)
    assert (drawn.status, drawn.checkpoint_size) == ("open", Checkpoint.objects.get().size)
    assert Entry.objects.get(kind="draw.made").body["checkpoint_size"] == drawn.checkpoint_size


def test_the_places_in_the_log_show_the_order(court: Court) -> None:
    """Commitment within the checkpoint, word and draw after it; later checkpoints change nothing of that."""
    court.add_jurors(4)
    panel = court.commit()
    court.add_juror()
    publish()
    give_nonce(panel_id=panel.pk, nonce="7", by=SYSTEM)
    publish()
    drawn = draw_panel(panel_id=panel.pk, by=SYSTEM)
    publish()
    size = drawn.checkpoint_size
    assert size == Checkpoint.objects.order_by("size").values_list("size", flat=True)[0]
    assert leaf_of("draw.committed") < size <= leaf_of("draw.nonce_given") < leaf_of("draw.made")


def test_another_round_s_commitment_does_not_count(court: Court) -> None:
    court.add_jurors(8)
    court.commit()
    second = court.commit(round_=2, is_sealed=False)
    with pytest.raises(CommitmentNotSealed):
        give_nonce(panel_id=second.pk, nonce="7", by=SYSTEM)
    assert sealing_checkpoint(second) is None


@pytest.mark.parametrize("change", ["word", "draw", "draw with an earlier checkpoint"])
def test_the_database_refuses_whatever_the_code_does(court: Court, change: str) -> None:
    court.add_jurors(4)
    earlier = publish()
    assert earlier is not None
    panel = Panel.objects.filter(pk=court.commit(is_sealed=False).pk)
    drawn: dict[str, object] = {"status": "open", "drawn_at": clock.now(), "closes_at": clock.now()}
    changes = {
        "word": {"nonce": "7"},
        "draw": drawn,
        "draw with an earlier checkpoint": drawn | {"checkpoint_size": earlier.size},
    }[change]
    with pytest.raises(IntegrityError, match="need a checkpoint over the commitment"), transaction.atomic():
        panel.update(**changes)
    sealed = publish()
    assert sealed is not None
    panel.update(**changes | {"checkpoint_size": sealed.size})
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        panel.update(checkpoint_size=earlier.size)
