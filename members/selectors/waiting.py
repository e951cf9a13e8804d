"""What waits for somebody in this room: rules to publish or to change, and messages that did not get through."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.access import AnyUser, is_reviewer
from members.selectors.deliveries import deliveries_in_trouble
from members.selectors.identity import identity_questions_open_to
from members.selectors.plan_drafts import drafts_sent_back, drafts_to_confirm
from pages.waiting import Waiting, WaitingState

MOST = 20


def waiting_for(user: AnyUser) -> Iterator[Waiting]:
    """At most twenty of each kind; nothing for somebody who is no reviewer."""
    if not is_reviewer(user):
        return
    for draft in drafts_to_confirm(user)[:MOST]:
        words = _("Publish the new rules of plan %(plan)s, or send them back") % {"plan": draft.plan_code}
        path = reverse("plan_draft_detail", args=[draft.pk])
        yield Waiting(words, path, note=_("Proposed"), since=draft.proposed_at)
    for draft in drafts_sent_back(user)[:MOST]:
        words = _("Change your draft of plan %(plan)s: it was sent back") % {"plan": draft.plan_code}
        path = reverse("plan_draft_detail", args=[draft.pk])
        yield Waiting(words, path, note=_("Saved"), since=draft.saved_at, state=WaitingState.STARTED)
    yield from _identities(user)
    yield from _not_delivered(user)


def _identities(user: AnyUser) -> Iterator[Waiting]:
    found = identity_questions_open_to(user).order_by().aggregate(number=Count("pk"), since=Min("asked_at"))
    if found["number"]:
        words = ngettext(
            "%(number)s identity waits for a person to look at it",
            "%(number)s identities wait for a person to look at them",
            found["number"],
        )
        path, number = reverse("identity_list"), {"number": found["number"]}
        yield Waiting(words % number, path, note=_("The first one since"), since=found["since"])


def _not_delivered(user: AnyUser) -> Iterator[Waiting]:
    found = deliveries_in_trouble(user).order_by().aggregate(number=Count("pk"), since=Min("changed_at"))
    if found["number"]:
        words = ngettext(
            "%(number)s message was not delivered", "%(number)s messages were not delivered", found["number"]
        )
        note, path = _("The first one since"), reverse("message_board")
        number = {"number": found["number"]}
        yield Waiting(words % number, path, note=note, since=found["since"], state=WaitingState.PROBLEM)
