"""Plans for everybody; people and memberships for those they belong to."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from members.access import allow, is_auditor, is_reviewer, is_signed_in
from members.api.cover import CoverQuerySerializer, CoverSerializer
from members.api.people import FoundPageSerializer, PeopleSearchSerializer, ShownDataSerializer, UnmaskSerializer
from members.api.serializers import (
    MembershipSerializer,
    PersonSerializer,
    PlanSerializer,
    RelativeSerializer,
    VersionDetailSerializer,
    VersionSerializer,
)
from members.models import Membership, Person, Plan, PlanVersion
from members.selectors.cover import illnesses_found
from members.selectors.memberships import memberships_of, memberships_visible_to
from members.selectors.people import family_of, ids_of_household, people_visible_to
from members.selectors.plans import all_versions, plans_with_versions
from members.selectors.unmaskings import people_named_to, shown_data
from members.services.memberships import leave_plan
from members.services.searches import search_people
from members.services.unmaskings import unmask_person

SIGNED_IN = allow(is_signed_in)
STAFF = allow(is_reviewer, is_auditor)


class PlanViewSet(ReadOnlyModelViewSet[Plan]):
    """The plans, public to everybody."""

    permission_classes = [AllowAny]
    serializer_class = PlanSerializer
    queryset = Plan.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Plan]:
        return plans_with_versions()


class VersionViewSet(ReadOnlyModelViewSet[PlanVersion]):
    """The published versions of every plan with their rules, public to everybody."""

    permission_classes = [AllowAny]
    serializer_class = VersionSerializer
    queryset = PlanVersion.objects.none()
    filterset_fields = {"plan__code": ["exact"]}

    def get_queryset(self) -> QuerySet[PlanVersion]:
        return all_versions()

    def get_serializer_class(self) -> type[VersionSerializer]:
        """The rules come with one version, not with the list."""
        return VersionDetailSerializer if self.action == "retrieve" else VersionSerializer

    @extend_schema(parameters=[CoverQuerySerializer], responses=CoverSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def cover(self, request: Request, pk: str) -> Response:
        """What these rules say of the illnesses that a name or an ICD-10 code may mean, at most ten."""
        asked = CoverQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = illnesses_found(asked.validated_data["illness"], self.get_object().rules, get_language())
        return Response(CoverSerializer(found, many=True).data)


def _people(request: Request) -> QuerySet[Person]:
    """The people that the user may see, and whether unmasked."""
    named = people_named_to(request.user).filter(pk=OuterRef("pk"))
    return people_visible_to(request.user).select_related("payer").annotate(is_named=Exists(named))


def memberships_shown(request: Request) -> QuerySet[Membership]:
    """The memberships that the user may see, and whether their people are unmasked."""
    named = people_named_to(request.user).filter(pk=OuterRef("person"))
    return memberships_visible_to(request.user).annotate(is_named=Exists(named))


class PersonViewSet(ReadOnlyModelViewSet[Person]):
    """The user and their family. The plan's reviewers and auditors find others by search, masked until they ask."""

    permission_classes = [SIGNED_IN]
    serializer_class = PersonSerializer
    queryset = Person.objects.none()

    def get_queryset(self) -> QuerySet[Person]:
        """Whom the user may see; a list is of the own household, whatever roles the user holds."""
        if self.action == "list":
            return _people(self.request).filter(pk__in=ids_of_household(self.request.user))  # type: ignore[arg-type]
        return _people(self.request)

    @action(detail=False, pagination_class=None, filter_backends=[])
    def me(self, request: Request) -> Response:
        """The person behind the log-in; 404 for somebody who has only signed up."""
        person = get_object_or_404(_people(request), user=request.user)
        return Response(PersonSerializer(person).data)

    @extend_schema(request=PeopleSearchSerializer, responses=FoundPageSerializer)
    @action(detail=False, methods=["post"], permission_classes=[STAFF], pagination_class=None, filter_backends=[])
    def search(self, request: Request) -> Response:
        """Find people by an exact value. By POST, so that no name or number stands in an address.

        The audit log says who searched, by what kind of value, and how many were found.
        """
        given = PeopleSearchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        found = search_people(term=asked["term"], kind=asked["by"], before=asked["before"], by=request.user)  # type: ignore[arg-type]
        return Response(FoundPageSerializer(found).data)

    @extend_schema(request=UnmaskSerializer, responses=ShownDataSerializer)
    @action(detail=True, methods=["post"], permission_classes=[STAFF])
    def unmask(self, request: Request, pk: str) -> Response:
        """Read a person's data for a short time; reason and reader go into the audit log. While they are shown, asking
        again gives them again."""
        person = self.get_object()
        given = UnmaskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        unmask_person(person_id=person.pk, **given.validated_data, by=request.user)  # type: ignore[arg-type]
        return Response(ShownDataSerializer(shown_data(request.user, person)).data)

    @extend_schema(responses=RelativeSerializer(many=True))
    @action(detail=False, pagination_class=None, filter_backends=[])
    def family(self, request: Request) -> Response:
        """Those whose shares the user pays, each with all memberships; a new one joins with `is_dependant`."""
        family = _people(request).filter(pk__in=family_of(request.user)).order_by("pk")
        with_memberships = family.prefetch_related(Prefetch("memberships", memberships_of(request.user)))
        return Response(RelativeSerializer(with_memberships, many=True).data)


class MembershipViewSet(ReadOnlyModelViewSet[Membership]):
    """The user's memberships and those of whom they pay for; all, masked, for the plan's reviewers and auditors."""

    permission_classes = [SIGNED_IN]
    serializer_class = MembershipSerializer
    queryset = Membership.objects.none()
    filterset_fields = {"plan__code": ["exact"], "left_at": ["isnull"]}

    def get_queryset(self) -> QuerySet[Membership]:
        return memberships_shown(self.request)

    @extend_schema(request=None, responses=MembershipSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Leave now."""
        left = leave_plan(membership_id=self.get_object().pk, by=request.user)  # type: ignore[arg-type]
        return Response(MembershipSerializer(memberships_shown(request).get(pk=left.pk)).data)
