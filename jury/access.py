"""Access that follows from being in the pool of jurors."""

from __future__ import annotations

from jury.models import Juror
from members.access import AnyUser
from members.models import User


def is_juror(user: AnyUser) -> bool:
    """Whether the user has a juror number in any plan and has not left the pool."""
    return (
        isinstance(user, User) and user.is_active and Juror.objects.filter(person__user=user, lapsed_at=None).exists()
    )
