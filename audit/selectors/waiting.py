"""What waits for staff in this room: workers that are late or fail, and a log that is not signed or not accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.selectors.sweeps import may_see_operations, operations
from audit.selectors.witnesses import configured_witnesses, open_refusals
from pages.waiting import Waiting, WaitingState


def waiting_for(user: Any) -> Iterator[Waiting]:
    """One line each for what is late, what fails and what a witness refused; nothing for those who may not see it."""
    if not may_see_operations(user):
        return
    state, path = operations(), reverse("operations")
    if state.is_late:
        late = [one.late_since for one in state.sweeps if one.late_since] + [state.log.oldest_unsigned_at]
        since = min((at for at in late if at), default=None)
        yield _problem(_("Some of the service's work is late"), path, _("Late since"), since)
    if state.is_failing:
        failing = [one.run.began_at for one in state.sweeps if one.is_failing and one.run and one.run.began_at]
        yield _problem(_("Some of the service's work fails"), path, _("Last failed"), max(failing, default=None))
    for witness in configured_witnesses():
        refusals = open_refusals(witness)
        if refusals:
            words = _("The witness %(name)s refuses the log") % {"name": witness.key.name}
            yield _problem(words, reverse("checkpoint"), _("Refused since"), refusals[-1].recorded_at)


def _problem(words: str, path: str, note: str, since: Any) -> Waiting:
    return Waiting(words, path, note=note if since else "", since=since, state=WaitingState.PROBLEM)
