"""The daily digest of staff: what waits for each of them, in their language, and only if something does."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import translation

from audit import clock
from audit.rooms import all_waiting, message_kinds
from members.message_words.digests import DIGEST
from members.models import StaffDigest, User
from members.rules.digests import counted
from members.selectors.digests import digest_day
from members.selectors.messages import language_of, who_want
from members.services.messages import tell


def send_digest(*, user_id: int) -> bool:
    """Send somebody today's digest, once; whether there was something to say to somebody who wants it."""
    user = User.objects.get(pk=user_id)
    day = digest_day()
    if day is None or not user.is_active or not user.roles:
        return False
    with translation.override(language_of(user)):
        figures = counted(all_waiting(user), clock.now())
    is_wanted = user.pk in who_want(DIGEST, message_kinds()[DIGEST], [user])
    is_sent = is_wanted and bool(figures.waiting or figures.problems)
    try:
        with transaction.atomic():
            StaffDigest.objects.create(user=user, on_day=day, is_sent=is_sent)
            if is_sent:
                tell(
                    DIGEST,
                    to=user,
                    about=f"digest:{day:%Y-%m-%d}",
                    waiting=figures.waiting,
                    soon=figures.soon,
                    problems=figures.problems,
                )
    except IntegrityError:
        return False  # another worker was quicker
    return is_sent
