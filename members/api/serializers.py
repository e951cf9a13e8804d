"""What the API shows and takes of plans, people and memberships."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rest_framework import serializers

from members.models import Membership, Person, Plan, PlanVersion
from members.models.people import Sex
from members.rules.masking import masked_name
from members.rules.plan_types import MOVES
from members.selectors.moves import MoveOption
from pages.moments import page_now


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """A plan; its rules are in its versions. `closed_from` is since when the rules in force take no new members; null
    while they do.
    """

    closed_from = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = ["code", "title_en", "title_zh", "currency", "currency_exponent", "timezone", "closed_from"]
        read_only_fields = fields

    def get_closed_from(self, plan: Plan) -> dt.datetime | None:
        """The moment from which the plan is closed, if it has come."""
        now = page_now()
        started = [version for version in plan.versions.all() if version.starts_at <= now]
        join = started[-1].rules.join if started else None
        return join.closed_from if join and join.is_closed_at(now) else None


class VersionSerializer(serializers.ModelSerializer[PlanVersion]):
    """A published version, without its rules."""

    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)

    class Meta:
        model = PlanVersion
        fields = ["id", "plan", "label", "starts_at", "digest", "published_at"]
        read_only_fields = fields


class VersionDetailSerializer(VersionSerializer):
    """A published version with its rules, as JSON and as the file that was published.

    `rules` has every key, also those that came after the version was published, with what the version means by their
    absence. `canonical` is what the file itself says: the text whose SHA-256 is `digest`.
    """

    revision = serializers.IntegerField(source="rules.revision", read_only=True)
    rules = serializers.SerializerMethodField()
    canonical = serializers.CharField(source="rules.canonical_json", read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "revision", "rules", "canonical", "source"]
        read_only_fields = fields

    def get_rules(self, version: PlanVersion) -> dict[str, Any]:
        """All rules: amounts in minor units, rates in basis points."""
        return version.rules.whole


class PersonSerializer(serializers.ModelSerializer[Person]):
    """A person. For the plan's staff the name is masked, day of birth and sex are null, until they ask with a reason.

    In clear only where `is_named` of the person says so: code that forgets to set it gets masked data.
    """

    name = serializers.CharField(read_only=True)
    born_on = serializers.DateField(read_only=True, allow_null=True)
    sex = serializers.ChoiceField(choices=Sex.choices, read_only=True, allow_null=True)
    payer = serializers.SlugRelatedField[Person](slug_field="public_id", read_only=True)
    is_masked = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = ["id", "public_id", "name", "born_on", "sex", "payer", "is_masked"]
        read_only_fields = fields

    def to_representation(self, instance: Person) -> dict[str, Any]:
        """Mask the person unless the reader may know them."""
        shown: dict[str, Any] = super().to_representation(instance)
        if shown["is_masked"]:
            shown |= {"name": masked_name(instance.name), "born_on": None, "sex": None}
        return shown

    def get_is_masked(self, person: Person) -> bool:
        """Whether the name is masked."""
        return not getattr(person, "is_named", False)


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """One person's time in one plan."""

    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)
    person = PersonSerializer(read_only=True)
    age_warned_at = serializers.DateTimeField(
        source="past_age.warned_at",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="When the member was told that the cover ends by age; null for readers who may not know who it is.",
    )
    age_reached_at = serializers.DateTimeField(
        source="past_age.reached_at",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="When they were told that it has ended; null as above.",
    )

    class Meta:
        model = Membership
        fields = [
            "id",
            "plan",
            "person",
            "joined_at",
            "left_at",
            "end_reason",
            "waits_from",
            "first_notice_on",
            "is_gifted",
            "carried_minor",
            "moved_from",
            "age_warned_at",
            "age_reached_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Membership) -> dict[str, Any]:
        """Pass on to the person what is known about the reader; when an age was reached is nobody else's to know."""
        is_named = getattr(instance, "is_named", False)
        instance.person.is_named = is_named  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(instance)
        return shown if is_named else shown | {"age_warned_at": None, "age_reached_at": None}


class RelativeMembershipSerializer(MembershipSerializer):
    """A membership beside the person that it belongs to."""

    class Meta(MembershipSerializer.Meta):
        fields = [name for name in MembershipSerializer.Meta.fields if name != "person"]
        read_only_fields = fields


class RelativeSerializer(PersonSerializer):
    """Somebody whose shares the user pays, with their memberships."""

    memberships = RelativeMembershipSerializer(many=True, read_only=True)

    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "memberships"]
        read_only_fields = fields


class NewPersonSerializer(serializers.Serializer[Any]):
    """Somebody who is not registered yet."""

    name = serializers.CharField(max_length=120)
    born_on = serializers.DateField()
    sex = serializers.ChoiceField(choices=Sex.choices, default=Sex.UNKNOWN)
    id_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    employer = serializers.CharField(max_length=200, required=False, allow_blank=True)


class JoinSerializer(serializers.Serializer[Any]):
    """Joining: `person` (the id of a registered family member) or `new_person`, else the user as registered.

    `is_dependant` says that the new person is family whose shares the user pays.
    """

    person = serializers.IntegerField(required=False, min_value=1)
    new_person = NewPersonSerializer(required=False)
    is_dependant = serializers.BooleanField(default=False)
    health_answers = serializers.DictField(child=serializers.BooleanField())


class MoveOptionSerializer(serializers.Serializer[Any]):
    """A plan that accepts members of another, by its rules of now; `refusal` says why this member can't move."""

    plan = serializers.CharField(source="plan.code")
    version = serializers.CharField(source="version.label")
    kind = serializers.ChoiceField(source="way.kind", choices=MOVES)
    youngest_years = serializers.IntegerField(source="way.age_from")
    oldest_years = serializers.IntegerField(source="way.age_to")
    asks_health_statement = serializers.BooleanField(source="way.asks_health")
    counts_wait = serializers.BooleanField(source="way.counts_wait")
    health_questions = serializers.SerializerMethodField()
    is_possible = serializers.BooleanField()
    refusal = serializers.SerializerMethodField()

    def get_health_questions(self, option: MoveOption) -> list[str]:
        """The codes of the questions to be answered in `health_answers`."""
        questions = option.version.rules.join.health_questions if option.way.asks_health else ()
        return [question.code for question in questions]

    def get_refusal(self, option: MoveOption) -> str:
        """The rule that is against it, and the next step; empty where the member can move."""
        return str(option.refusal or "")


class MoveSerializer(serializers.Serializer[Any]):
    """Moving: the code of the plan, and the answers where it asks for a health statement."""

    plan = serializers.SlugField()
    health_answers = serializers.DictField(child=serializers.BooleanField(), default=dict)
