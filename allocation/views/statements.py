"""The member's page: what they paid in each period."""

from __future__ import annotations

from typing import Any, ClassVar

from django.views.generic import TemplateView

from allocation.selectors.statements import statements_of
from allocation.words import bar
from members.access import Access, RoleRequired, is_signed_in


class StatementList(RoleRequired, TemplateView):
    """A statement for each membership of the user and of those they pay for."""

    allowed: ClassVar[tuple[Access, ...]] = (is_signed_in,)
    template_name = "allocation/statement/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statements = [
            (
                statement,
                [
                    bar(line.period.notice_on, line.share_minor, statement.membership.plan)
                    for line in statement.lines
                    if line.is_due
                ],
            )
            for statement in statements_of(self.request.user)
        ]
        return super().get_context_data(statements=statements, **kwargs)
