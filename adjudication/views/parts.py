"""What the pages of members and investigators share: the user, uploads, and showing an error on its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from adjudication.files import Upload
from audit.errors import DomainError
from members.models import User

INVALID = 422


def user_of(request: HttpRequest) -> User:
    """The signed-in user; pages that call this require a log-in."""
    assert isinstance(request.user, User)
    return request.user


def uploads_in(files: Iterable[UploadedFile[Any]] | None) -> list[Upload]:
    """The chosen files with the name that the browser sent; of one above the limit only limit + 1 bytes."""
    return [Upload(file.read(settings.EVIDENCE_MAX_BYTES + 1), file.name or "") for file in files or []]


def refuse(form: forms.Form, error: DomainError, fields: Mapping[type[DomainError], str]) -> int:
    """Show an error at its field, or at the top; returns the HTTP status with which the page is shown again."""
    field = next((name for kind, name in fields.items() if isinstance(error, kind)), None)
    form.add_error(field if field in form.fields else None, str(error))
    return error.http_status
