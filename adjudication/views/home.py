"""The start page of a signed-in user with their claims and juries; allocation adds the costs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.views.generic import TemplateView

from adjudication.selectors.home import start_page
from audit.rooms import all_waiting
from members.access import Access, RoleRequired, is_signed_in


class Home(RoleRequired, TemplateView):
    """What waits for the user, and their claims; `allocation.views.home` is the page itself."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)
    template_name = "adjudication/home/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(start=start_page(user), waiting=all_waiting(user), **kwargs)
