"""The facts of a claim over the API: stated, found, and with which source."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from adjudication.rules.facts import FACT_WORDS, Confidence, Source, Standing


class FindingSerializer(serializers.Serializer[Any]):
    """One finding, without the investigator's own note."""

    id = serializers.IntegerField(source="finding.pk")
    standing = serializers.ChoiceField(source="finding.standing", choices=Standing.choices)
    value = serializers.CharField(source="finding.value", allow_blank=True)
    source = serializers.ChoiceField(source="finding.source", choices=Source.choices)  # type: ignore[assignment]
    where = serializers.CharField(allow_blank=True)
    confidence = serializers.ChoiceField(source="finding.confidence", choices=Confidence.choices)
    jury_note = serializers.CharField(source="finding.jury_note", allow_blank=True)
    found_at = serializers.DateTimeField(source="finding.found_at")
    is_late = serializers.BooleanField(source="finding.is_late")
    replaces = serializers.IntegerField(source="finding.replaces_id", allow_null=True)


class FactSerializer(serializers.Serializer[Any]):
    """One fact: what is stated, what counts, and every finding of it, oldest first.

    `value` is empty where nothing is known or it is not proven; `counting` is null where the stated value counts.
    """

    fact = serializers.ChoiceField(source="name", choices=list(FACT_WORDS.items()))
    stated = serializers.CharField(source="fact.stated", allow_blank=True)
    value = serializers.CharField(source="fact.value", allow_blank=True)
    source = serializers.ChoiceField(source="fact.source", choices=Source.choices)  # type: ignore[assignment]
    counting = FindingSerializer(allow_null=True)
    findings = FindingSerializer(many=True)
