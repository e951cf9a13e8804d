"""The start page of everybody who is signed in, as far as claims and juries go; allocation adds what it costs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.views.generic import TemplateView

from adjudication.selectors.home import start_page
from members.access import Access, RoleRequired, is_signed_in


class Home(RoleRequired, TemplateView):
    """What waits for me and my claims; `allocation.views.home` is the page itself."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)
    template_name = "adjudication/home/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything comes from selectors that ask who is reading."""
        return super().get_context_data(start=start_page(self.request.user), **kwargs)
