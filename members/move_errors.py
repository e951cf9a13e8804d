"""What the rules of moving from one plan into another forbid: each names the thing, the rule and the next step."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.errors import DomainError
from members.rules.plans import PlanRules, WayIn


class NoWayIn(DomainError):
    """The rules of the other plan take nobody from this one."""

    def __init__(self, rules: PlanRules, from_title: str) -> None:
        super().__init__(rules.code, from_title)
        self._rules = rules
        self._from = from_title

    def __str__(self) -> str:
        return _(
            "The rules of %(plan)s let nobody move over from %(from)s. Whoever wants both, or the other one, joins it, "
            "with a waiting period of its own."
        ) % {"plan": self._rules.title.in_language(get_language()), "from": self._from}


class AgeOutsideMove(DomainError):
    """The person is too young or too old to move over now."""

    def __init__(self, rules: PlanRules, way: WayIn, is_too_old: bool) -> None:
        super().__init__(rules.code, way.plan)
        self._rules = rules
        self._way = way
        self._is_too_old = is_too_old

    def __str__(self) -> str:
        values = {
            "plan": self._rules.title.in_language(get_language()),
            "youngest": self._way.age_from,
            "oldest": self._way.age_to,
        }
        if self._is_too_old:
            return (
                _(
                    "%(plan)s takes people who move over up to the age of %(oldest)s (completed years on the day of "
                    "the move), and this person is older. The membership they have goes on."
                )
                % values
            )
        return (
            _(
                "%(plan)s takes people who move over from the age of %(youngest)s on (completed years on the day of "
                "the move), and this person is younger. The membership they have goes on; come back on that birthday."
            )
            % values
        )
