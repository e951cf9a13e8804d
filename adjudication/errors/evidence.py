"""Reasons to refuse a file, or adding or reading evidence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class FileEmpty(DomainError):
    text = _("“%(name)s” is empty. Choose the file again.")
    name: str


class FileTooLarge(DomainError):
    """The file is above the limit, in MB."""

    text = _("“%(name)s” is larger than %(limit)s MB. Split it, or scan it with a lower resolution.")
    name: str
    limit: int


class FileNameInvalid(DomainError):
    text = _("“%(name)s” is not a plain file name: no folders, no colons, at most 150 characters. Rename the file.")
    name: str


class FileTypeUnknown(DomainError):
    text = _("“%(name)s” is not a PDF, a JPEG, PNG or WebP picture, or plain text. Save it as one of these.")
    name: str


class FileDisguised(DomainError):
    text = _(
        "The content of “%(name)s” does not match its name. Open it, save it again as a PDF, and choose that file."
    )
    name: str


class TextNotUtf8(DomainError):
    """A plain text in another encoding, which would be shown as other characters."""

    text = _("“%(name)s” is a text in %(encoding)s. Save it as UTF-8 or as a PDF, and choose that file.")
    name: str
    encoding: str


class TooManyFiles(DomainError):
    text = _("A claim holds at most %(limit)s files. Put several pages into one PDF.")
    limit: int


class EvidenceFrozen(DomainError):
    text = _(
        "The evidence of claim %(ref)s is frozen, so that everyone who judges it sees the same file. Nothing can be "
        "added or removed now."
    )
    ref: str


class EvidenceNotYours(NotAllowed):
    text = _("Only the member who claims and the investigator of the claim can add or remove its papers.")


class NotForJuryByClaimant(DomainError):
    text = _("Only the investigator can show a file to jurors, after removing the names from it.")


class FileNotStored(DomainError):
    """The disk is full or out of order."""

    http_status = 503
    text = _(
        "“%(name)s” could not be stored: the service has no room for files right now. Nothing of this form was stored. "
        "Try again in a few minutes."
    )
    name: str


class EvidenceUnreadable(DomainError):
    text = _("File %(number)s cannot be read from the store, or is not what was uploaded. Tell the plan's office.")
    number: int


class FileTellsMaker(DomainError):
    text = _(
        "“%(name)s” can't be shown to the jury as it is: it is locked, holds another file, or has a part that may say "
        "who made it and can't be cleaned. Print it to a new PDF, or show its pages as pictures."
    )
    name: str
