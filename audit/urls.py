"""Addresses of the app."""

from __future__ import annotations

from django.urls import path

from audit.views import AuditLog

urlpatterns = [path("audit/", AuditLog.as_view(), name="audit_log")]
