"""Holds on claims over the API: reading them, placing, renewing and lifting one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from adjudication.models import Claim
from adjudication.selectors.claims import claims_visible_to
from adjudication.services.holds import LONGEST_REASON, lift_hold, place_hold, renew_hold
from members.access import allow, is_auditor, is_reviewer
from members.models import User


class HoldSerializer(serializers.ModelSerializer[Claim]):
    """A hold: on which claim, why, since when and until when."""

    claim = serializers.CharField(source="ref", read_only=True)
    reason = serializers.CharField(source="hold_reason", read_only=True)
    since = serializers.DateTimeField(source="held_since", read_only=True)
    until = serializers.DateTimeField(source="hold_until", read_only=True)

    class Meta:
        model = Claim
        fields = ["claim", "status", "reason", "since", "until"]
        read_only_fields = fields


class HoldReasonSerializer(serializers.Serializer[Any]):
    """Why the claim is on hold, in one line that the member reads."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class NewHoldSerializer(HoldReasonSerializer):
    """Which claim to put on hold, and why."""

    claim = serializers.CharField(max_length=20)


class HoldViewSet(mixins.ListModelMixin, GenericViewSet[Claim]):
    """The claims on hold, for reviewers and auditors; a reviewer places, renews and lifts a hold."""

    queryset = Claim.objects.none()
    serializer_class = HoldSerializer
    lookup_field = "ref"

    def get_permissions(self) -> list[BasePermission]:
        """Reading is for two roles, acting for one."""
        if self.action == "list":
            return [allow(is_reviewer, is_auditor)()]
        return [allow(is_reviewer)()]

    def get_queryset(self) -> QuerySet[Claim]:
        """Those that the board shows too."""
        return claims_visible_to(self.request.user).exclude(hold_reason="").order_by("held_since", "pk")

    @extend_schema(request=NewHoldSerializer, responses={201: HoldSerializer})
    def create(self, request: Request) -> Response:
        """Put a claim on hold: nothing moves it until the hold is lifted or ends."""
        given = NewHoldSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        claim = place_hold(claim_ref=values["claim"], reason=values["reason"], by=_user(request))
        return Response(self.get_serializer(claim).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=HoldReasonSerializer, responses=HoldSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, ref: str) -> Response:
        """Renew it: from now it lasts the days that the plan sets."""
        given = HoldReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        claim = renew_hold(claim_ref=ref, reason=given.validated_data["reason"], by=_user(request))
        return Response(self.get_serializer(claim).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, ref: str) -> Response:
        """Lift it: steps that became due meanwhile happen at once."""
        lift_hold(claim_ref=ref, by=_user(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


router = SimpleRouter()
router.register("holds", HoldViewSet, basename="api-hold")
urlpatterns = router.urls
