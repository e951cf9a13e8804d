"""Addresses of the app."""

from __future__ import annotations

from django.urls import path

from audit.views import AuditEntry, AuditExport, AuditLog, AuditStory
from audit.views_operations import OperationsPage
from audit.views_tiles import LogPage, log_checkpoint, log_tile

urlpatterns = [
    path("audit/", AuditLog.as_view(), name="audit_log"),
    path("audit/export/", AuditExport.as_view(), name="audit_export"),
    path("audit/entries/<int:pk>/", AuditEntry.as_view(), name="audit_entry"),
    path("audit/claims/<str:ref>/", AuditStory.as_view(), name="audit_story"),
    path("operations/", OperationsPage.as_view(), name="operations"),
    path("log/", LogPage.as_view(), name="checkpoint"),
    path("log/checkpoint", log_checkpoint, name="log_checkpoint"),
    path("log/tile/<path:path>", log_tile, name="log_tile"),
]
