"""The shape of an addendum over the API: words for the jurors, papers by their numbers, and new files."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from adjudication.models import DutyRecord
from adjudication.services.addenda import LONGEST_TEXT, Papers
from adjudication.services.evidence import MOST_FILES
from adjudication.views.parts import uploads_in


class AddendumSerializer(serializers.Serializer[Any]):
    """What is new, for the jurors, without names."""

    text = serializers.CharField(max_length=LONGEST_TEXT)
    papers = serializers.ListField(
        child=serializers.IntegerField(),
        max_length=MOST_FILES,
        default=list,
        help_text="Papers of the claim that jurors do not have yet, by their numbers.",
    )
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        max_length=MOST_FILES,
        default=list,
        help_text="New files, of the investigator alone; sent as multipart/form-data.",
    )
    duty = serializers.ChoiceField(
        choices=DutyRecord.Kind.choices,
        allow_blank=True,
        default="",
        help_text="The duty in which the investigator got the new files.",
    )
    are_masked = serializers.BooleanField(
        default=False, help_text="That no name stands in any of the papers; without it none is given."
    )

    @property
    def given(self) -> Papers:
        """The papers as the service takes them."""
        data = self.validated_data
        return Papers(
            filed=data["papers"], uploads=uploads_in(data["files"]), duty=data["duty"], are_masked=data["are_masked"]
        )
