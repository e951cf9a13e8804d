"""What forbids the end of a plan."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class EnoughMembers(DomainError):
    text = _(
        "The latest notice of plan %(plan)s does not show too few members. A plan can end only after a notice that "
        "counted fewer members than its rules require."
    )
    plan: str
