"""What the API shows and takes when the plan's staff look for people and ask for their data."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from members.models import Membership, Unmasking
from members.rules.membership_states import MembershipState
from members.selectors.search import ANYTHING, WAYS
from members.services.unmaskings import LONGEST_WORDS, SHORTEST_WORDS


class PeopleSearchSerializer(serializers.Serializer[Any]):
    """An exact value, the kind it is of, and where the page begins (`next_before` of the page before)."""

    term = serializers.CharField(max_length=254)
    by = serializers.ChoiceField(choices=[ANYTHING, *WAYS], default=ANYTHING)
    before = serializers.IntegerField(min_value=1, max_value=2**63 - 1, allow_null=True, default=None)


class StandingSerializer(serializers.Serializer[Any]):
    """A membership of somebody found. `waits_until` is the last day of the waiting period, null once it has ended."""

    membership = serializers.IntegerField(source="membership.pk")
    plan = serializers.CharField(source="membership.plan.code")
    joined_at = serializers.DateTimeField(source="membership.joined_at")
    left_at = serializers.DateTimeField(source="membership.left_at", allow_null=True)
    end_reason = serializers.ChoiceField(
        source="membership.end_reason", choices=Membership.EndReason.choices, allow_blank=True
    )
    state = serializers.ChoiceField(choices=MembershipState.choices)
    waits_until = serializers.DateField(allow_null=True)
    health_statement_signed_at = serializers.DateTimeField(source="stated_at", allow_null=True)


class FoundPersonSerializer(serializers.Serializer[Any]):
    """Somebody found, masked; `id` is the number under which `people/{id}/` shows them."""

    id = serializers.IntegerField(source="number")
    masked_name = serializers.CharField()
    is_dependant = serializers.BooleanField()
    dependants = serializers.IntegerField()
    memberships = StandingSerializer(source="standings", many=True)


class FoundPageSerializer(serializers.Serializer[Any]):
    """One page of people, newest first."""

    people = FoundPersonSerializer(many=True)
    next_before = serializers.IntegerField(allow_null=True)


class UnmaskSerializer(serializers.Serializer[Any]):
    """Why somebody's data are needed: a reason of the list, and own words, which are stored encrypted."""

    reason = serializers.ChoiceField(choices=Unmasking.Reason.choices)
    words = serializers.CharField(min_length=SHORTEST_WORDS, max_length=LONGEST_WORDS)


class ShownDataSerializer(serializers.Serializer[Any]):
    """A person's data, and until when they are shown."""

    unmasking = serializers.IntegerField(source="unmasking.pk")
    until = serializers.DateTimeField(source="unmasking.expires_at")
    name = serializers.CharField(source="data.name")
    born_on = serializers.DateField(source="data.born_on")
    sex = serializers.CharField(source="data.sex")
    id_number = serializers.CharField(source="data.id_number", allow_blank=True)
    phone = serializers.CharField(source="data.phone", allow_blank=True)
    email = serializers.CharField(source="data.email", allow_blank=True)
    address = serializers.CharField(source="data.address", allow_blank=True)
    employer = serializers.CharField(source="data.employer", allow_blank=True)
    external_id = serializers.CharField(source="data.external_id", allow_blank=True)
