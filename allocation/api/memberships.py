"""Joining a plan and moving into one over the API: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from allocation.services.memberships import enrol
from members.access import allow, is_signed_in
from members.api.serializers import JoinSerializer, MembershipSerializer
from members.api.views import memberships_shown
from members.models import Person
from members.selectors.people import people_visible_to
from members.selectors.plans import plans
from members.services.people import NewPerson

SIGNED_IN = allow(is_signed_in)
REFUSED = OpenApiResponse(description="A rule is against it: the thing, the rule and the next step.")


class PlanJoin(APIView):
    """Join a plan now, or let one of the family join; the same rules as on the page.

    Whoever was a member of the plan before carries what they have paid in it this year.
    """

    permission_classes = [SIGNED_IN]

    @extend_schema(request=JoinSerializer, responses={201: MembershipSerializer, 409: REFUSED})
    def post(self, request: Request, code: str) -> Response:
        """Join, once."""
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


def _applicant(request: Request, given: dict[str, Any]) -> Person | NewPerson:
    """The person named by number, else the new one, else the user as registered."""
    if "person" in given:
        return get_object_or_404(people_visible_to(request.user), pk=given["person"])
    if "new_person" in given:
        return NewPerson(**given["new_person"])
    return get_object_or_404(people_visible_to(request.user), user=request.user)
