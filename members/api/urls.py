"""API addresses of the app."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from members.api.deliveries import DeliveryViewSet
from members.api.identity import IdentityQuestionViewSet
from members.api.inbox import InboxViewSet, MailChoicesView
from members.api.plan_drafts import PlanDraftViewSet
from members.api.views import MembershipViewSet, PersonViewSet, PlanViewSet, VersionViewSet

router = SimpleRouter()
router.register("plans", PlanViewSet, basename="api-plan")
router.register("plan-versions", VersionViewSet, basename="api-plan-version")
router.register("people", PersonViewSet, basename="api-person")
router.register("memberships", MembershipViewSet, basename="api-membership")
router.register("plan-drafts", PlanDraftViewSet, basename="api-plan-draft")
router.register("deliveries", DeliveryViewSet, basename="api-delivery")
router.register("inbox", InboxViewSet, basename="api-inbox")
router.register("identity-questions", IdentityQuestionViewSet, basename="api-identity-question")
urlpatterns = [*router.urls, path("mail-choices/", MailChoicesView.as_view(), name="api-mail-choices")]
