"""What the API takes and shows where somebody asks whether an illness is covered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from members.rules.plans import SEVERITIES


class CoverQuerySerializer(serializers.Serializer[Any]):
    """The name of an illness, or its ICD-10 code."""

    illness = serializers.CharField(max_length=100)


class CoverClauseSerializer(serializers.Serializer[Any]):
    """A condition or an exclusion of the rules, by its name and the number of its clause."""

    code = serializers.CharField()
    clause = serializers.CharField()


class ExclusionSerializer(serializers.Serializer[Any]):
    """A form of the illness that is not covered, and the exclusion that takes it out."""

    severity = serializers.ChoiceField(choices=SEVERITIES)
    exclusion = CoverClauseSerializer()


class BothLanguagesSerializer(serializers.Serializer[Any]):
    """One text in both languages of the service."""

    en = serializers.CharField()
    zh = serializers.CharField()


class DiseaseSerializer(serializers.Serializer[Any]):
    """One of the diseases of a code, and whether the plan covers it."""

    code = serializers.CharField()
    text = BothLanguagesSerializer()
    is_covered = serializers.BooleanField()


class DiseaseQuestionSerializer(serializers.Serializer[Any]):
    """Which disease of the code it is: the question that the answer depends on."""

    text = BothLanguagesSerializer()
    answers = DiseaseSerializer(many=True)


class CoverSerializer(serializers.Serializer[Any]):
    """An illness and what the rules say of it; `severities` are the forms that are covered, none where it is not.

    Where `depends_on` is not null, its code stands for several diseases, and only some of them are covered.
    """

    icd10 = serializers.CharField(source="code")
    title = serializers.CharField()
    condition = CoverClauseSerializer(source="cover.condition", allow_null=True)
    severities = serializers.ListField(source="cover.severities", child=serializers.ChoiceField(choices=SEVERITIES))
    excluded = ExclusionSerializer(source="cover.excluded", many=True)
    depends_on = DiseaseQuestionSerializer(source="cover.depends_on", allow_null=True)
