"""The home page of every signed-in user."""

from __future__ import annotations

from typing import Any

from adjudication.views.home import Home
from allocation.selectors.home import household
from members.selectors.plans import plan_cards
from pages.moments import page_now


class MemberHome(Home):
    """The user's tasks, claims, memberships with their cost, and family."""

    template_name = "allocation/home/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["household"] = household(self.request.user, context["start"].claims)
        context["joinable"] = [card.plan for card in plan_cards(page_now()) if card.is_joinable]
        return context
