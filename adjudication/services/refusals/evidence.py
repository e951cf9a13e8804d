"""Evidence: what a file may not be, and who may not add or read it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audit.errors import DomainError, NotAllowed


class FileEmpty(DomainError):
    """The file has no content."""

    def __init__(self, filename: str) -> None:
        super().__init__(_("“%(name)s” is empty. Choose the file again.") % {"name": filename[:80]})


class FileTooLarge(DomainError):
    """The file is above the limit."""

    def __init__(self, filename: str, limit_bytes: int) -> None:
        super().__init__(
            _("“%(name)s” is larger than %(limit)s MB. Split it, or scan it with a lower resolution.")
            % {"name": filename[:80], "limit": limit_bytes // (1024 * 1024)}
        )


class FileNameInvalid(DomainError):
    """The name holds a path or characters that hide what it is."""

    def __init__(self, filename: str) -> None:
        shown = "".join(character for character in filename if character.isprintable())[:80]
        super().__init__(
            _("“%(name)s” is not a plain file name: no folders, no colons, at most 150 characters. Rename the file.")
            % {"name": shown}
        )


class FileTypeUnknown(DomainError):
    """Only a few kinds of file are taken."""

    def __init__(self, filename: str) -> None:
        super().__init__(
            _("“%(name)s” is not a PDF, a JPEG, PNG or WebP picture, or plain text. Save it as one of these.")
            % {"name": filename[:80]}
        )


class FileDisguised(DomainError):
    """The content isn't what the end of the name says."""

    def __init__(self, filename: str) -> None:
        super().__init__(
            _(
                "“%(name)s” holds something else than its name says. "
                "Open it, save it again as a PDF, and choose that file."
            )
            % {"name": filename[:80]}
        )


class TooManyFiles(DomainError):
    """There is a limit to the files of one claim."""

    def __init__(self, limit: int) -> None:
        super().__init__(_("A claim holds at most %(limit)s files. Put several pages into one PDF.") % {"limit": limit})


class EvidenceFrozen(DomainError):
    """All jurors see one and the same file, so nothing can be added once the report is signed."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            _(
                "The evidence of claim %(ref)s is frozen, so that everybody who judges it sees the same file. "
                "Nothing can be added or removed now."
            )
            % {"ref": ref}
        )


class EvidenceNotYours(NotAllowed):
    """Only the claimant's side and the assigned investigator bring evidence."""

    def __init__(self) -> None:
        super().__init__(
            _("Only the member who claims and the investigator of the claim can add or remove its papers.")
        )


class NotForJuryByClaimant(DomainError):
    """What jurors see is chosen, and its names removed, by the investigator."""

    def __init__(self) -> None:
        super().__init__(_("Only the investigator can show a file to jurors, after removing the names from it."))


class EvidenceUnreadable(DomainError):
    """The stored file is lost or not what was uploaded."""

    def __init__(self, evidence_id: int) -> None:
        super().__init__(
            _("File %(number)s cannot be read from the store, or is not what was uploaded. Tell the plan's office.")
            % {"number": evidence_id}
        )
