"""Reasons to refuse casting or opening a ballot."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class BallotAlreadyCast(DomainError):
    text = _("A ballot from your seat was already cast at %(cast)s, and it counts. To change it, open your seat again.")
    cast: dt.datetime


class NoBallotToReplace(DomainError):
    """The page refers to a ballot that the seat does not have."""

    text = _("This page is out of date: no ballot of yours was counted yet. Open your seat again and vote.")


class ChoiceUnknown(DomainError):
    text = _("Choose whether you support the claim or are against it.")


class TooManyReasons(DomainError):
    text = _("Choose at most %(most)d reasons; write the rest in your own words.")
    most: int


class WordsTooLong(DomainError):
    text = _("Your words have %(characters)d characters; a ballot holds at most %(most)d. Shorten them and send again.")
    characters: int
    most: int


class WordsUnreadable(DomainError):
    """The juror's own words contain a lone surrogate, which UTF-8 cannot encode."""

    text = _("Your words contain a character that is not text. Type them again and send.")


class SealBroken(DomainError):
    """The close sets such a ballot aside in public and counts the rest."""

    text = _(
        "Ballot %(sequence)d of %(seat)s does not open: it was changed, or was cast for another panel, seat or "
        "sequence. The close sets it aside and says so on the page of the vote."
    )
    seat: str
    sequence: int
