"""What is no code of a code table."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class UnknownCode(DomainError):
    http_status = 400
    text = _("“%(code)s” is not an ICD-10 code. Search for the illness by its name and choose it from the list.")
    code: str
