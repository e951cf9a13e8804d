"""The running clocks over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from adjudication.models import Claim
from adjudication.selectors.clocks import clock_rows, clocks_visible_to
from audit.waits import Doer
from members.access import allow, is_auditor, is_investigator, is_reviewer


class ClockSerializer(serializers.Serializer[Any]):
    """One wait of one claim."""

    wait = serializers.CharField(source="wait.name", help_text="One of the table in docs/states.md")
    title = serializers.CharField(source="wait.title")
    claim = serializers.CharField(source="claim.ref")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="Empty where the wait has no end")
    next_at = serializers.DateTimeField(help_text="When something happens by itself: the end, or the next reminder")
    is_late = serializers.BooleanField()
    must_act = serializers.ChoiceField(source="wait.who", choices=[one.value for one in Doer])
    then = serializers.CharField(source="wait.then", help_text="What happens at the end")
    ends_by_itself = serializers.BooleanField(source="wait.ends_by_itself")


class ByTimeLeft(PageNumberPagination):
    """Pages by number: what is listed comes from many tables, so that there is no row to go on behind."""

    page_size = 50


class ClockViewSet(GenericViewSet[Claim]):
    """Everything that claims wait for now."""

    permission_classes: list[type[BasePermission]] = [allow(is_reviewer, is_auditor, is_investigator)]
    serializer_class = ClockSerializer
    pagination_class = ByTimeLeft
    queryset = Claim.objects.none()

    @extend_schema(
        responses=ClockSerializer(many=True),
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, description="The name of a wait"),
            OpenApiParameter("late", OpenApiTypes.BOOL, description="Only those whose time is over"),
        ],
    )
    def list(self, request: Request) -> Response:
        """The least time left first: all for reviewers and auditors, investigators' own claims for investigators."""
        is_late = request.query_params.get("late", "").lower() in {"1", "true"}
        found = clocks_visible_to(request.user, kind=request.query_params.get("kind", ""), is_late=is_late)
        return self.get_paginated_response(
            ClockSerializer(clock_rows(self.paginate_queryset(found) or []), many=True).data
        )


router = SimpleRouter()
router.register("clocks", ClockViewSet, basename="api-clock")
urlpatterns = router.urls
