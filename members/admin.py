"""Read-only lists of the admin screens. Personal data is not among them: it is read on the pages that need it."""

from __future__ import annotations

from django.contrib import admin

from audit.admin import ReadOnlyAdmin
from members.models import Membership, Plan, PlanVersion, RoleGrant, User


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """The plans."""

    list_display = ["code", "title_en", "title_zh", "currency", "timezone"]


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    """Published versions; a new one is loaded from its file."""

    list_display = ["plan", "label", "starts_at", "published_at", "digest"]
    list_select_related = ["plan"]
    list_filter = ["plan"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Memberships, by reference."""

    list_display = ["id", "plan", "person", "joined_at", "left_at", "end_reason", "is_gifted"]
    list_select_related = ["plan", "person"]
    list_filter = ["plan", "end_reason", "is_gifted"]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Log-ins."""

    list_display = ["id", "email", "is_active", "is_staff", "joined_at", "last_login"]
    fields = ["email", "is_active", "is_staff", "joined_at", "last_login"]
    search_fields = ["email"]
    list_filter = ["is_active", "is_staff"]


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    """Who holds and held which role."""

    list_display = ["user", "role", "granted_at", "revoked_at"]
    list_select_related = ["user"]
    list_filter = ["role"]
