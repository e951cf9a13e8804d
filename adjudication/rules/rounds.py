"""Why a claim is investigated again, where the service says so; a reviewer who returns a report says it in words."""

OPINION_INCONCLUSIVE = "opinion_inconclusive"
"""By the table, once."""
CLAUSE_NOT_MET = "clause_not_met"
"""A clause that binds was not met when the claim would have been approved."""
TAKEN_OFF = "taken_off"
"""The investigation was overdue for too long: it was taken off its investigator and offered again."""
CHANGED_HANDS = "relation_declared"
"""The investigator declared a relation to the member."""
BY_THE_SERVICE = frozenset({OPINION_INCONCLUSIVE, CLAUSE_NOT_MET, TAKEN_OFF, CHANGED_HANDS, ""})
"""All of them, and the first round's."""
