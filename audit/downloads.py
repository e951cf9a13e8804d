"""An export as a response: streamed while it is read, so that a long log needs no more memory than a short one."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from audit.rules.exports import CSV, header_of, lines_of
from audit.selectors.exports import exported_entries
from audit.services.exports import LogExport

CONTENT_TYPES = {CSV: "text/csv; charset=utf-8"}
_NDJSON = "application/x-ndjson"


def download(export: LogExport) -> StreamingHttpResponse:
    """The file, its name states the checkpoint that it covers."""
    response = StreamingHttpResponse(_chunks(export), content_type=CONTENT_TYPES.get(export.form, _NDJSON))
    response["Content-Disposition"] = f'attachment; filename="audit-log-{export.size}.{export.form}"'
    response["Cache-Control"] = "no-store"
    return response


def _chunks(export: LogExport) -> Iterator[bytes]:
    yield header_of(export.form).encode()
    for entries in exported_entries(export.wanted, export.size):
        yield lines_of(export.form, entries).encode()
