"""What the rules of joining, leaving and holding a role forbid: each names the thing, the rule and the next step."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from audit.errors import DomainError, NotAllowed
from members.rules.dates import local_day
from members.rules.plans import HealthQuestion, PlanRules


class PlanVersionPublished(DomainError):
    """The plan has a version with this start or name already, and a published version never changes."""

    def __init__(self, code: str, label: str) -> None:
        super().__init__(code, label)
        self._values = {"plan": code, "version": label}

    def __str__(self) -> str:
        return (
            _(
                "Version %(version)s of plan %(plan)s is published, and a published version never changes. "
                "Write the change as a new version with a later start and a name of its own."
            )
            % self._values
        )


class PlanIsAnother(DomainError):
    """The file gives a plan another currency or time zone than its earlier versions did."""

    def __init__(self, code: str, key: str) -> None:
        super().__init__(code, key)
        self._values = {"plan": code, "key": key}

    def __str__(self) -> str:
        return (
            _(
                "Plan %(plan)s has another %(key)s in its earlier versions, and that can't change: its accounts are "
                "kept in it. Give the new plan a code of its own."
            )
            % self._values
        )


class PlanNotStarted(DomainError):
    """No version of the plan is in force at this moment."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._title = title

    def __str__(self) -> str:
        return _("%(plan)s has not started: none of its versions is in force. Come back on its first day.") % {
            "plan": self._title
        }


class JoinsInTheFuture(DomainError):
    """A membership begins now or began in the past."""

    def __str__(self) -> str:
        return _("A membership can't begin in the future. Give a moment that has passed.")


class BirthImpossible(DomainError):
    """Nobody was born on this day who could be registered now."""

    http_status = 400

    def __init__(self, born_on: date) -> None:
        super().__init__(born_on)
        self._on = born_on

    def __str__(self) -> str:
        return _("Nobody can have been born on %(day)s. Check the date of birth.") % {"day": self._on.isoformat()}


class AgeOutsideJoining(DomainError):
    """The person is too young or too old to join."""

    def __init__(self, rules: PlanRules, is_too_old: bool) -> None:
        super().__init__(rules.code)
        self._rules = rules
        self._is_too_old = is_too_old

    def __str__(self) -> str:
        join = self._rules.join
        values = {"plan": self._rules.title.in_language(get_language()), "oldest": join.age_max_years}
        if self._is_too_old:
            return (
                _(
                    "%(plan)s takes nobody over %(oldest)s years old (completed years on the day of joining), and this "
                    "person is older. Look at the other plans."
                )
                % values
            )
        if join.age_min_years:
            youngest = ngettext("%(n)s year", "%(n)s years", join.age_min_years) % {"n": join.age_min_years}
        else:
            youngest = ngettext("%(n)s day", "%(n)s days", join.age_min_days) % {"n": join.age_min_days}
        return _(
            "%(plan)s takes people from the age of %(youngest)s on, and this person is younger. "
            "Come back when they have reached it."
        ) % {**values, "youngest": youngest}


class HealthStatementIncomplete(DomainError):
    """A question of the health statement has no answer."""

    http_status = 400

    def __init__(self, question: HealthQuestion) -> None:
        super().__init__(question.code)
        self.question = question

    def __str__(self) -> str:
        return _("The health statement lacks an answer to: %(question)s Answer it with yes or no.") % {
            "question": self.question.text.in_language(get_language())
        }


class HealthStatementForbids(DomainError):
    """An answer of the health statement does not allow joining."""

    def __init__(self, rules: PlanRules, question: HealthQuestion) -> None:
        super().__init__(rules.code, question.code)
        self._rules = rules
        self.question = question

    def __str__(self) -> str:
        language = get_language()
        return _(
            "%(plan)s can't be joined with this answer to its health statement: %(question)s Nothing was stored. "
            "If the answer was a mistake, correct it; an untrue one would cost the aid later."
        ) % {"plan": self._rules.title.in_language(language), "question": self.question.text.in_language(language)}


class AlreadyMember(DomainError):
    """The person has a membership of this plan at that time."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._title = title

    def __str__(self) -> str:
        return _(
            "This person is a member of %(plan)s already, and nobody can be one twice. "
            "The membership is on the home page; nothing more needs to be done."
        ) % {"plan": self._title}


class MembershipEnded(DomainError):
    """The membership has ended before."""

    def __init__(self, left_at: datetime, timezone: str) -> None:
        super().__init__(left_at)
        self._on = local_day(left_at, timezone)

    def __str__(self) -> str:
        return _("This membership ended on %(day)s. There is nothing left to end.") % {"day": self._on.isoformat()}


class EndsBeforeItBegins(DomainError):
    """A membership ends after it began."""

    def __str__(self) -> str:
        return _("A membership can't end before it began. Give a later moment.")


class PersonRegistered(DomainError):
    """The person is known already: by log-in, by identity number or by the source they were imported from."""

    def __str__(self) -> str:
        return _(
            "This person is registered already, with this log-in or this identity number. Sign in with the log-in used "
            "then, or ask the plan's staff to look."
        )


class PayerPaidFor(DomainError):
    """Somebody who is paid for by another can't pay for a third."""

    def __str__(self) -> str:
        return _(
            "This person is paid for by somebody else and can't pay for others. Let the payer add the family member."
        )


class PayerNotRegistered(DomainError):
    """Somebody who is not registered can't pay for a dependant."""

    def __str__(self) -> str:
        return _("Only somebody who is registered can let family join. Join yourself first, then add them.")


class EmailTaken(DomainError):
    """There is a log-in with this e-mail address."""

    def __str__(self) -> str:
        return _("There is a log-in with this e-mail address already. Use another address.")


class RoleHeld(DomainError):
    """The user holds the role already."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self._role = role

    def __str__(self) -> str:
        return _("This user holds the role of %(role)s already.") % {"role": self._role}


class RoleNotHeld(DomainError):
    """The user does not hold the role."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self._role = role

    def __str__(self) -> str:
        return _("This user does not hold the role of %(role)s: there is nothing to take back.") % {"role": self._role}


class NotTheirs(NotAllowed):
    """Only the person, or whoever pays for them, may do this."""

    def __str__(self) -> str:
        return _("Only the person themselves, or whoever pays for them, may do this.")


class NotAnAdministrator(NotAllowed):
    """Log-ins and roles are given by the technical administrator."""

    def __str__(self) -> str:
        return _("Log-ins and roles are given by the technical administrator only. Ask them.")
