"""API addresses of the app."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from audit.api.operations import OperationsView
from audit.api.views import EntryViewSet

router = SimpleRouter()
router.register("audit-entries", EntryViewSet, basename="api-audit-entry")
urlpatterns = [*router.urls, path("operations/", OperationsView.as_view(), name="api-operations")]
