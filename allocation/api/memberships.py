"""Joining a plan and moving into one over the API: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from allocation.services.memberships import enrol, move
from members.access import allow, is_signed_in
from members.api.serializers import JoinSerializer, MembershipSerializer, MoveOptionSerializer, MoveSerializer
from members.api.views import memberships_shown
from members.models import Person
from members.selectors.memberships import memberships_of
from members.selectors.moves import move_options
from members.selectors.people import people_visible_to
from members.selectors.plans import plans
from members.services.people import NewPerson
from pages.moments import page_now

SIGNED_IN = allow(is_signed_in)
REFUSED = OpenApiResponse(description="A rule forbids it; the answer names the thing, the rule and the next step.")


class PlanJoin(APIView):
    """Join a plan now, or enrol a member of the family; the same rules as on the page.

    A former member of the plan carries in what they have paid in it this year.
    """

    permission_classes = [SIGNED_IN]

    @extend_schema(request=JoinSerializer, responses={201: MembershipSerializer, 409: REFUSED})
    def post(self, request: Request, code: str) -> Response:
        plan = get_object_or_404(plans(), code=code)
        given = JoinSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        joined = enrol(
            plan=plan,
            applicant=_applicant(request, given.validated_data),
            is_dependant=given.validated_data["is_dependant"],
            health_answers=given.validated_data["health_answers"],
            by=request.user,  # type: ignore[arg-type]
        )
        membership = memberships_shown(request).get(pk=joined.pk)
        return Response(MembershipSerializer(membership).data, status=status.HTTP_201_CREATED)


class MoveOptions(APIView):
    """The plans that take members of a membership's plan, and whether this member can move there now."""

    permission_classes = [SIGNED_IN]

    @extend_schema(responses=MoveOptionSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Each plan with its conditions and its health questions."""
        membership = get_object_or_404(memberships_of(request.user), pk=pk)
        options = move_options(membership, page_now())
        return Response(MoveOptionSerializer(options, many=True).data)


class MembershipMove(APIView):
    """Move into another plan now: one membership ends and the next begins in the same moment.

    By the member or their payer. The waiting period continues if the other plan's rules count it.
    """

    permission_classes = [SIGNED_IN]

    @extend_schema(request=MoveSerializer, responses={201: MembershipSerializer, 409: REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        membership = get_object_or_404(memberships_of(request.user), pk=pk)
        given = MoveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        moved = move(
            membership_id=membership.pk,
            plan=get_object_or_404(plans(), code=given.validated_data["plan"]),
            health_answers=given.validated_data["health_answers"],
            by=request.user,  # type: ignore[arg-type]
        )
        shown = memberships_shown(request).get(pk=moved.pk)
        return Response(MembershipSerializer(shown).data, status=status.HTTP_201_CREATED)


def _applicant(request: Request, given: dict[str, Any]) -> Person | NewPerson:
    """The person given by number, otherwise the new one, otherwise the user as registered."""
    if "person" in given:
        return get_object_or_404(people_visible_to(request.user), pk=given["person"])
    if "new_person" in given:
        return NewPerson(**given["new_person"])
    return get_object_or_404(people_visible_to(request.user), user=request.user)
