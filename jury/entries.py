"""The kinds of entries that this room writes, each in plain words for the reader of a claim's history."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENTRY_WORDS: dict[str, str | Promise] = {
    "ballot.cast": _("A ballot was cast from a seat: sealed, and only the digest of its sealed bytes is recorded"),
    "casefile.opened": _("A juror opened the case file"),
    "draw.chain_anchored": _("The end of the hash chain was published, before any draw used it"),
    "draw.committed": _("The draw was committed, before its entropy existed"),
    "draw.continued": _("The draw continued with the next numbers"),
    "draw.made": _("The draw was made"),
    "draw.nonce_given": _("The applicant added a word to the draw"),
    "juror.lapsed": _("A juror left the pool"),
    "juror.qualified": _("A member became a juror and got a number"),
    "juror.recused": _("A juror stepped down"),
    "juror.summoned": _("A juror was summoned"),
    "opinion.abandoned": _("The request for an opinion was abandoned"),
    "opinion.asked": _("Professionals were asked for an opinion"),
    "opinion.closed": _("The opinions were closed"),
    "opinion.file_opened": _("A professional opened the case file"),
    "opinion.given": _("A professional gave an opinion"),
    "opinion.recused": _("A professional stepped down from an opinion"),
    "panel.abandoned": _("The panel was dissolved"),
    "panel.addendum": _("The jurors were given what was found since, and more time to vote"),
    "panel.closed": _("The vote closed and the ballots were counted"),
    "panel.extended": _("The vote was extended because the quorum was not reached"),
    "seat.disputed": _("A juror said that what came from their seat is not what they did"),
}

RETIRED_KINDS = {"draw.word_given": "draw.nonce_given"}
"""What earlier releases wrote, and what is written in its place: the log keeps their entries as they are."""
