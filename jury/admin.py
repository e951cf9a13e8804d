"""Read-only lists of the admin screens. Ballots, seats and case files are not among them."""

from __future__ import annotations

from django.contrib import admin

from audit.admin import ReadOnlyAdmin
from jury.models import Juror, OpinionRequest, Panel


@admin.register(Juror)
class JurorAdmin(ReadOnlyAdmin):
    """The pool, by number."""

    list_display = ["plan", "number", "person", "qualified_at", "lapsed_at"]
    list_select_related = ["plan", "person"]
    list_filter = ["plan"]
    fields = ["plan", "number", "person", "membership", "exam_passed_at", "qualified_at", "lapsed_at"]


@admin.register(Panel)
class PanelAdmin(ReadOnlyAdmin):
    """Panels, without their keys, files and conflict facts."""

    list_display = ["case_ref", "round", "plan", "status", "committed_at", "drawn_at", "closes_at", "verdict"]
    list_select_related = ["plan"]
    list_filter = ["plan", "status"]
    fields = [
        "plan",
        "case_ref",
        "round",
        "status",
        "seats_wanted",
        "quorum",
        "pool_high",
        "commitment_digest",
        "committed_at",
        "nonce_due_at",
        "drawn_at",
        "closes_at",
        "is_extended",
        "closed_at",
        "verdict",
    ]


@admin.register(OpinionRequest)
class OpinionRequestAdmin(ReadOnlyAdmin):
    """Requests for a second opinion."""

    list_display = ["case_ref", "round", "plan", "status", "opened_at", "due_at", "conclusion"]
    list_select_related = ["plan"]
    list_filter = ["plan", "status"]
    fields = ["plan", "case_ref", "round", "status", "opened_at", "due_at", "closed_at", "conclusion"]
