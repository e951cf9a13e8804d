"""What somebody chooses about the messages that are sent to them: the language, and what comes by e-mail."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction

from audit import clock
from audit.services import append
from members.errors.messages import LanguageUnknown, MailNotOptional
from members.models import MailChoice, User
from members.selectors.mail_choices import mail_kinds_of
from members.selectors.messages import language_of


@transaction.atomic
def choose_language(*, language: str, by: User) -> None:
    """Write to somebody in this language from now on, one of the settings' codes. Raises LanguageUnknown."""
    if language not in {code for code, _name in settings.LANGUAGES}:
        raise LanguageUnknown(language=language)
    found = User.objects.select_for_update().get(pk=by.pk)
    # Who never chose is written to in the site's own language: to read in it is no choice to record.
    if language == language_of(found):
        return
    found.language = language
    found.save(update_fields=["language"])
    by.language = language
    append(kind="user.language_chosen", stream=found.audit_ref, by=by, body={"language": language})


@transaction.atomic
def choose_mail(*, wanted: Collection[str], by: User) -> None:
    """Send these kinds of what is not owed by e-mail too, and of the others nothing. Raises MailNotOptional."""
    # Of two choices at once the second waits here, and both are recorded in their order.
    found = User.objects.select_for_update().get(pk=by.pk)
    optional = [kind for kind in mail_kinds_of(found) if not kind.is_owed]
    for name in wanted:
        if name not in {kind.name for kind in optional}:
            raise MailNotOptional(kind=name)
    changed = {kind.name: not kind.is_wanted for kind in optional if kind.is_wanted != (kind.name in wanted)}
    for name, is_wanted in changed.items():
        chosen = {"is_wanted": is_wanted, "chosen_at": clock.now()}
        MailChoice.objects.update_or_create(user=found, kind=name, defaults=chosen)
    if changed:
        append(kind="user.mail_chosen", stream=found.audit_ref, by=by, body={"wanted": changed})
