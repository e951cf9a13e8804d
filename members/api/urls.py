"""API addresses of the app."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from members.api.plan_drafts import PlanDraftViewSet
from members.api.views import MembershipViewSet, PersonViewSet, PlanViewSet, VersionViewSet

router = SimpleRouter()
router.register("plans", PlanViewSet, basename="api-plan")
router.register("plan-versions", VersionViewSet, basename="api-plan-version")
router.register("people", PersonViewSet, basename="api-person")
router.register("memberships", MembershipViewSet, basename="api-membership")
router.register("plan-drafts", PlanDraftViewSet, basename="api-plan-draft")
urlpatterns = router.urls
