"""A duty with the facts that were learned in it, in one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from adjudication.models import DutyRecord
from adjudication.services.findings import record_finding
from adjudication.services.investigations import record_duty
from members.models import User


@transaction.atomic
def record_duty_with_facts(*, duty_id: int, facts: Sequence[Mapping[str, Any]], by: User, **said: Any) -> DutyRecord:
    """Record a duty and every fact learned in it, or nothing where one of them is refused.

    `said` is what `record_duty` takes, each fact what `record_finding` takes without its duty. Raises what both raise.
    """
    duty = record_duty(duty_id=duty_id, by=by, **said)
    for fact in facts:
        record_finding(investigation_id=duty.investigation_id, duty=duty.kind, by=by, **fact)
    return duty
