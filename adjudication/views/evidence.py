"""Opening an evidence file: the only way to its content."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.generic import View

from adjudication.files import EXTENSION_OF, IMAGES, TEXT
from adjudication.models import Evidence
from adjudication.selectors.evidence import evidence_visible_to
from adjudication.services.evidence import read_evidence
from adjudication.views.parts import user_of
from audit.errors import DomainError
from members.access import RoleRequired, is_signed_in

_SHOWN_IN_PAGE = IMAGES | {TEXT}
"""Browsers refuse to show a PDF in a sandbox, so a PDF is saved and opened by its own program."""


def file_response(evidence: Evidence, content: bytes) -> HttpResponse:
    """The content with headers that prevent browsers from running anything in it."""
    text = evidence.content_type == TEXT
    response = HttpResponse(
        content, content_type=f"{evidence.content_type}; charset=utf-8" if text else evidence.content_type
    )
    name = f"evidence-{evidence.pk}.{EXTENSION_OF[evidence.content_type]}"
    as_attachment = evidence.content_type not in _SHOWN_IN_PAGE
    response["Content-Disposition"] = content_disposition_header(as_attachment, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class EvidenceFile(RoleRequired, View):
    """One file, for those who may see it; 404 for everyone else."""

    allowed = (is_signed_in,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = user_of(request)
        evidence = get_object_or_404(evidence_visible_to(user), pk=pk)
        try:
            content = read_evidence(evidence=evidence, by=user)
        except DomainError as error:
            return HttpResponse(str(error), status=error.http_status, content_type="text/plain; charset=utf-8")
        return file_response(evidence, content)
