"""A message as a letter: one structure in the reader's language, from which both parts of a mail are made."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit.rooms import all_waiting, message_kinds
from members.models import Message
from members.selectors.messages import language_of, told
from pages.waiting import Waiting
from pages.words import moment

CHOICES_PAGE = "mail_choices"


MOST_ITEMS = 50


@dataclass(frozen=True)
class Item:
    """One line of a list: what it is, until or since when, and its page."""

    words: str
    when: str
    url: str


@dataclass(frozen=True)
class Letter:
    """All that a mail says, in one language."""

    language: str
    site: str
    subject: str
    paragraphs: tuple[str, ...]
    items: tuple[Item, ...]
    act: str
    url: str
    about_link: str
    calendar: str
    """Says what the calendar file is for; empty without one."""
    why: str
    choices: str
    """The words of the link to the choices; empty for what is owed."""
    choices_url: str
    reference: str

    def as_text(self) -> str:
        """The plain part."""
        return render_to_string("mail/letter.txt", {"letter": self})

    def as_html(self) -> str:
        """The HTML part."""
        return render_to_string("mail/letter.html", {"letter": self})


def letter_of(message: Message) -> Letter:
    """The letter of a message, in the language of its reader."""
    language = language_of(message.to_user)
    kind = message_kinds().get(message.kind)
    with translation.override(language):
        words = told(message)
        is_optional = kind is not None and not kind.is_owed
        return Letter(
            language=language,
            site=settings.SITE_NAME,
            subject=" ".join(words.subject.split()),
            paragraphs=words.body,
            items=_items(message) if kind is not None and kind.lists_waiting else (),
            act=words.act or _("Open it"),
            url=f"{settings.SITE_URL}{words.path}",
            about_link=_("The link leads to the log-in. Opening it decides nothing."),
            calendar=_("The attached calendar file has the end of your time.") if message.due_at else "",
            why=words.why,
            choices=_("Switch off mails of this kind") if is_optional else "",
            choices_url=f"{settings.SITE_URL}{_choices_path()}" if is_optional else "",
            reference=_("Number of this message: %(number)s") % {"number": message.public_id},
        )


def _items(message: Message) -> tuple[Item, ...]:
    found = all_waiting(message.to_user)[:MOST_ITEMS]
    return tuple(Item(one.words, _when(one), f"{settings.SITE_URL}{one.path}") for one in found)


def _when(one: Waiting) -> str:
    if one.due_at is not None:
        return _("until %(at)s") % {"at": moment(one.due_at)}
    return f"{one.note} {moment(one.since)}".strip() if one.since is not None else one.note


def _choices_path() -> str:
    try:
        return reverse(CHOICES_PAGE)
    except NoReverseMatch:
        return reverse("home")
