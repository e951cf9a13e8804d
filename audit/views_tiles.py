"""The public log: page, checkpoint and tiles (C2SP tlog-tiles). The same for everybody, without a session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from audit.middleware import same_for_everybody
from audit.rules.tiles import TILE_WIDTH, entry_bundle, parse_path, width_at
from audit.selectors.log import checkpoint_note, latest_checkpoint, leaf_data_range, read_tile
from audit.selectors.witnesses import public_log

_LONGEST_PATH = 60
_UNCHANGING = "public, max-age=31536000, immutable"


class LogPage(View):
    """The latest checkpoint, who has cosigned it, how to check it, and what it doesn't prove."""

    def get(self, request: HttpRequest) -> HttpResponse:
        address = request.build_absolute_uri(request.path)
        return render(request, "audit/log/public.html", {"log": public_log(), "address": address})


@require_safe
def log_checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest checkpoint as a signed note, cosignatures included."""
    note = checkpoint_note()
    if note is None:
        return _nothing(_("The log has no checkpoint yet: come back in a few seconds."))
    return _public(HttpResponse(note, content_type="text/plain; charset=utf-8"), "public, max-age=2")


@require_safe
def log_tile(request: HttpRequest, path: str) -> HttpResponse:
    """A tile of hashes or a bundle of entries, as far as the latest checkpoint reaches."""
    raw = _tile(f"tile/{path}") if len(path) <= _LONGEST_PATH else None
    if raw is None:
        return _nothing(_("The published tree has no such tile."))
    # What a path names never changes, a partial tile neither: more hashes are another path.
    return _public(HttpResponse(raw, content_type="application/octet-stream"), _UNCHANGING)


def _tile(path: str) -> bytes | None:
    name, checkpoint = parse_path(path), latest_checkpoint()
    if name is None or checkpoint is None or name.width > width_at(name.level, name.index, checkpoint.size):
        return None
    if name.level is not None:
        return read_tile(name.level, name.index, name.width)
    first = name.index * TILE_WIDTH
    leaves = leaf_data_range(first, first + name.width)
    return entry_bundle(leaves) if len(leaves) == name.width else None


def _public(response: HttpResponse, caching: str) -> HttpResponse:
    response["Cache-Control"] = caching
    response["Access-Control-Allow-Origin"] = "*"
    return same_for_everybody(response)


def _nothing(why: str) -> HttpResponse:
    """What isn't there yet may be there in a moment: no cache may keep this answer."""
    response = HttpResponse(f"{why}\n", status=404, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
