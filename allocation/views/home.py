"""The start page of everybody who is signed in."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from adjudication.views.home import Home
from allocation.selectors.home import household
from members.selectors.plans import plan_cards


class MemberHome(Home):
    """What waits for me, my claims, my memberships with what they cost, and my family."""

    template_name = "allocation/home/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The household besides what the page below gives."""
        context = super().get_context_data(**kwargs)
        context["household"] = household(self.request.user, context["start"].claims)
        context["joinable"] = [card.plan for card in plan_cards(timezone.now()) if card.is_in_force]
        return context
