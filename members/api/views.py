"""Plans for everybody; people and memberships for those they belong to."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from members.access import allow, is_signed_in
from members.api.serializers import (
    JoinSerializer,
    MembershipSerializer,
    PersonSerializer,
    PlanSerializer,
    VersionDetailSerializer,
    VersionSerializer,
)
from members.models import Membership, Person, Plan, PlanVersion
from members.selectors.memberships import memberships_visible_to
from members.selectors.people import people_visible_to
from members.selectors.plans import all_versions, plans
from members.services.memberships import NewPerson, enrol, leave_plan

SIGNED_IN = allow(is_signed_in)


class PlanViewSet(ReadOnlyModelViewSet[Plan]):
    """The plans, public to everybody."""

    permission_classes = [AllowAny]
    serializer_class = PlanSerializer
    queryset = Plan.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Plan]:
        """Every plan."""
        return plans()

    @extend_schema(request=JoinSerializer, responses={201: MembershipSerializer})
    @action(detail=True, methods=["post"], permission_classes=[SIGNED_IN])
    def join(self, request: Request, code: str) -> Response:
        """Join the plan now, or let one of the family join; the same rules as on the page."""
        plan = self.get_object()
        given = JoinSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        membership = enrol(
            plan=plan,
            applicant=_applicant(request, given.validated_data),
            is_dependant=given.validated_data["is_dependant"],
            health_answers=given.validated_data["health_answers"],
            by=request.user,  # type: ignore[arg-type]
        )
        return Response(MembershipSerializer(membership).data, status=status.HTTP_201_CREATED)


def _applicant(request: Request, given: dict[str, Any]) -> Person | NewPerson:
    """The person named by number, else the new one, else the user as registered."""
    if "person" in given:
        return get_object_or_404(people_visible_to(request.user), pk=given["person"])
    if "new_person" in given:
        return NewPerson(**given["new_person"])
    return get_object_or_404(people_visible_to(request.user), user=request.user)


class VersionViewSet(ReadOnlyModelViewSet[PlanVersion]):
    """The published versions of every plan with their rules, public to everybody."""

    permission_classes = [AllowAny]
    serializer_class = VersionSerializer
    queryset = PlanVersion.objects.none()
    filterset_fields = {"plan__code": ["exact"]}

    def get_queryset(self) -> QuerySet[PlanVersion]:
        """Every version."""
        return all_versions()

    def get_serializer_class(self) -> type[VersionSerializer]:
        """The rules come with one version, not with the list."""
        return VersionDetailSerializer if self.action == "retrieve" else VersionSerializer


class PersonViewSet(ReadOnlyModelViewSet[Person]):
    """The user and their family; everybody for the plan's reviewers and auditors."""

    permission_classes = [SIGNED_IN]
    serializer_class = PersonSerializer
    queryset = Person.objects.none()

    def get_queryset(self) -> QuerySet[Person]:
        """Whom the user may see."""
        return people_visible_to(self.request.user).select_related("payer")

    @action(detail=False, pagination_class=None, filter_backends=[])
    def me(self, request: Request) -> Response:
        """The person behind the log-in; 404 for somebody who has only signed up."""
        person = get_object_or_404(people_visible_to(request.user), user=request.user)
        return Response(PersonSerializer(person).data)


class MembershipViewSet(ReadOnlyModelViewSet[Membership]):
    """The user's memberships and those of whom they pay for; all for the plan's reviewers and auditors."""

    permission_classes = [SIGNED_IN]
    serializer_class = MembershipSerializer
    queryset = Membership.objects.none()
    filterset_fields = {"plan__code": ["exact"], "left_at": ["isnull"]}

    def get_queryset(self) -> QuerySet[Membership]:
        """Which the user may see."""
        return memberships_visible_to(self.request.user)

    @extend_schema(request=None, responses=MembershipSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Leave now."""
        membership = leave_plan(membership_id=self.get_object().pk, by=request.user)  # type: ignore[arg-type]
        return Response(MembershipSerializer(membership).data)
