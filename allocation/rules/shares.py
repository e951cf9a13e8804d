"""What a period costs each member: the exact integer arithmetic of a charge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from allocation.errors.shares import ConservationBroken, LineBroken, NotInThisPeriod
from members.rules.plans import PlanRules

BASIS_POINTS = 10_000


def ceil_div(dividend: int, divisor: int) -> int:
    """The quotient rounded up, of whole numbers only."""
    # Never by a float: `math.ceil(a / b)` is wrong above 2**53.
    return -(-dividend // divisor)


def _require_amounts(owner: str, **amounts: int) -> None:
    """Refuse what is not an exact amount: a fraction, a truth value, a negative number."""
    for name, amount in amounts.items():
        # Not isinstance: True is an int, and would count as one unit.
        if type(amount) is not int:
            raise TypeError(f"{owner}: {name} must be a whole number of units, not {amount!r}")
        if amount < 0:
            raise ValueError(f"{owner}: {name} must not be negative, but is {amount}")


@dataclass(frozen=True, slots=True)
class AidedClaim:
    """One approved claim of a period: its aid (a_i) and the fee rate (bp) of the plan version.

    `count` stands for that many identical claims, as in published totals; in a live period each line is one claim.
    """

    ref: str
    aid_minor: int
    fee_bp: int
    count: int = 1

    def __post_init__(self) -> None:
        _require_amounts(f"claim {self.ref}", aid_minor=self.aid_minor, fee_bp=self.fee_bp, count=self.count)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Members who have paid the same this calendar year (cohort c): n_c members, gifted or not, ytd_c paid so far."""

    key: str
    members: int
    is_gifted: bool = False
    year_to_date_minor: int = 0

    def __post_init__(self) -> None:
        _require_amounts(f"cohort {self.key}", members=self.members, year_to_date_minor=self.year_to_date_minor)


@dataclass(frozen=True, slots=True)
class PeriodTerms:
    """The terms of a charge in the plan version in force; the fee rate is on each claim.

    The caps are κ per case and head, and the cap per member, plan and calendar year; None if the plan has no such cap.
    A share is a whole number of units of `share_unit_minor` (u). In a plan that `has_ended` nobody is left to share,
    and the sponsor bears all of a claim.
    """

    case_cap_minor_per_head: int | None = None
    annual_cap_minor: int | None = None
    share_unit_minor: int = 1
    has_ended: bool = False

    def __post_init__(self) -> None:
        _require_amounts("terms", share_unit_minor=self.share_unit_minor)
        if self.share_unit_minor == 0:
            raise ValueError("terms: a share is charged in units of at least 1")
        if self.case_cap_minor_per_head is not None:
            _require_amounts("terms", case_cap_minor_per_head=self.case_cap_minor_per_head)
        if self.annual_cap_minor is not None:
            _require_amounts("terms", annual_cap_minor=self.annual_cap_minor)


def terms_of(rules: PlanRules, *, has_ended: bool = False) -> PeriodTerms:
    """The terms of a charge as a plan version gives them."""
    return PeriodTerms(rules.case_cap_minor_per_head, rules.annual_cap_minor, rules.share_unit_minor, has_ended)


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """What one claim costs: `fee_minor` (f_i) and `billed_minor` (min(a_i + f_i, κ·N)); the sponsor bears the rest.

    The amounts are those of one claim; the `total_*` are those of all `count` identical ones.
    """

    claim: AidedClaim
    fee_minor: int
    billed_minor: int

    @property
    def ref(self) -> str:
        """The claim's reference."""
        return self.claim.ref

    @property
    def aid_minor(self) -> int:
        """Aid of one claim (a_i)."""
        return self.claim.aid_minor

    @property
    def case_cap_excess_minor(self) -> int:
        """What the case cap shifts from the members to the sponsor (a_i + f_i − billed)."""
        return self.claim.aid_minor + self.fee_minor - self.billed_minor

    @property
    def total_aid_minor(self) -> int:
        """Aid of all claims of this line."""
        return self.claim.aid_minor * self.claim.count

    @property
    def total_fee_minor(self) -> int:
        """Fee of all claims of this line."""
        return self.fee_minor * self.claim.count

    @property
    def total_billed_minor(self) -> int:
        """Billed to the members for all claims of this line."""
        return self.billed_minor * self.claim.count


@dataclass(frozen=True, slots=True)
class CohortLine:
    """What one cohort pays: `per_member_minor` (x_c) each, out of a share of `per_head_minor` (h)."""

    cohort: Cohort
    per_head_minor: int
    per_member_minor: int

    @property
    def key(self) -> str:
        """The cohort's key."""
        return self.cohort.key

    @property
    def members(self) -> int:
        """Members of the cohort (n_c)."""
        return self.cohort.members

    @property
    def is_gifted(self) -> bool:
        """Whether the sponsor pays these members' shares."""
        return self.cohort.is_gifted

    @property
    def charged_minor(self) -> int:
        """What the cohort's members pay together (n_c·x_c)."""
        return self.cohort.members * self.per_member_minor

    @property
    def gift_minor(self) -> int:
        """What the sponsor gives to gifted members (n_c·h); zero in every other cohort."""
        return self.cohort.members * self.per_head_minor if self.cohort.is_gifted else 0

    @property
    def year_cap_shortfall_minor(self) -> int:
        """What the sponsor bears because the year's cap is reached (n_c·(h − x_c)); zero for gifted members."""
        return 0 if self.cohort.is_gifted else self.cohort.members * (self.per_head_minor - self.per_member_minor)

    @property
    def year_to_date_after_minor(self) -> int:
        """What each member will have paid this calendar year once this charge is collected."""
        return self.cohort.year_to_date_minor + self.per_member_minor


@dataclass(frozen=True)
class Allocation:
    """A period's money, line by line and in total. All amounts in minor units of the plan's currency.

    With no members nothing can be shared: `claims` is empty, the claims are in `waiting` for the next notice, nothing
    is charged, and the surplus is carried over. In a plan that has ended they do not wait: nothing of them is billed,
    and the sponsor bears them.
    """

    claims: tuple[ClaimLine, ...]
    cohorts: tuple[CohortLine, ...]
    waiting: tuple[AidedClaim, ...]
    terms: PeriodTerms
    surplus_in_minor: int
    per_head_minor: int
    """h: the share of one member, rounded up to whole units of the plan (u)."""

    @cached_property
    def members(self) -> int:
        """N: everybody counted at 00:00 of the notice day, gifted or not."""
        return sum(line.members for line in self.cohorts)

    @cached_property
    def aided(self) -> int:
        """How many claims are paid from this period."""
        return sum(line.claim.count for line in self.claims)

    @cached_property
    def aid_minor(self) -> int:
        """A: all aid."""
        return sum(line.total_aid_minor for line in self.claims)

    @cached_property
    def fee_minor(self) -> int:
        """F: all fees."""
        return sum(line.total_fee_minor for line in self.claims)

    @cached_property
    def billed_minor(self) -> int:
        """B: the part of aid and fee that the members bear, after the case cap."""
        return sum(line.total_billed_minor for line in self.claims)

    @property
    def case_cap_excess_minor(self) -> int:
        """K: what the sponsor bears because of the case cap."""
        return self.aid_minor + self.fee_minor - self.billed_minor

    @property
    def surplus_out_minor(self) -> int:
        """S_out: what is left for the next period; below one unit (u) per member if anyone pays."""
        return self.surplus_in_minor + self.per_head_minor * self.members - self.billed_minor

    @cached_property
    def charged_minor(self) -> int:
        """C: what all members pay together."""
        return sum(line.charged_minor for line in self.cohorts)

    @cached_property
    def gift_minor(self) -> int:
        """G: the shares of gifted members, which the sponsor pays."""
        return sum(line.gift_minor for line in self.cohorts)

    @cached_property
    def year_cap_shortfall_minor(self) -> int:
        """Y: what the sponsor bears because of the annual cap."""
        return sum(line.year_cap_shortfall_minor for line in self.cohorts)

    @property
    def sponsor_minor(self) -> int:
        """G + Y + K: all that the sponsor bears of this charge."""
        return self.gift_minor + self.year_cap_shortfall_minor + self.case_cap_excess_minor

    @property
    def is_waiting(self) -> bool:
        """Whether there are claims and nobody to share them (N = 0)."""
        return bool(self.waiting)

    @property
    def income_minor(self) -> int:
        """C + G + Y + K: everything that comes in."""
        return self.charged_minor + self.sponsor_minor

    @property
    def outgo_minor(self) -> int:
        """A + F + S_out − S: everything that it pays for."""
        return self.aid_minor + self.fee_minor + self.surplus_out_minor - self.surplus_in_minor

    def conserves(self) -> bool:
        """Whether C + G + Y + K = A + F + S_out − S, to the unit."""
        return self.income_minor == self.outgo_minor

    def check(self) -> None:
        """Refuse an allocation that does not add up, or in which anyone pays more or less than the rules say.

        Raises ConservationBroken, or LineBroken with the symbol that is wrong. Every line is checked by its defining
        property and not by the steps of `allocate`, so an error there, or a line altered afterwards, is found.
        """
        if not self.conserves():
            raise ConservationBroken(charged_minor=self.income_minor, owed_minor=self.outgo_minor)
        for symbol in self._broken_lines():
            raise LineBroken(symbol=symbol)

    def _broken_lines(self) -> Iterator[str]:
        """The symbols whose defining property does not hold."""
        cap, unit_minor = self.terms.case_cap_minor_per_head, self.terms.share_unit_minor
        for line in self.claims:
            if not 0 <= line.fee_minor * BASIS_POINTS - line.aid_minor * line.claim.fee_bp < BASIS_POINTS:
                yield f"f_i, {line.ref}"
            whole = line.aid_minor + line.fee_minor if self.members else 0
            if line.billed_minor != (whole if cap is None else min(whole, cap * self.members)):
                yield f"B, {line.ref}"
        for cohort_line in self.cohorts:
            if cohort_line.per_head_minor != self.per_head_minor:
                yield f"h, {cohort_line.key}"
            if cohort_line.per_member_minor != member_share(
                cohort_line.cohort, self.per_head_minor, self.terms.annual_cap_minor
            ):
                yield f"x_c, {cohort_line.key}"
        # If the surplus reached a unit per member, everyone could have paid a unit less.
        is_least = self.per_head_minor == 0 or self.surplus_out_minor < unit_minor * self.members
        if self.per_head_minor % unit_minor or self.surplus_out_minor < 0 or not is_least:
            yield "h"

    def recompute_without(self, refs: Iterable[str]) -> Allocation:
        """The charge after claims with a standing objection have left it; N and year-to-date stay those of the notice.

        The share is never higher: B is a sum of amounts of zero or more, so it cannot grow when claims leave, and
        h = ceil(max(0, B − S) / (N·u))·u does not fall as B grows. Raises NotInThisPeriod for a claim not in it.
        """
        leaving = set(refs)
        claims = [line.claim for line in self.claims] + list(self.waiting)
        unknown = leaving - {claim.ref for claim in claims}
        if unknown:
            raise NotInThisPeriod(refs=tuple(sorted(unknown)))
        return allocate(
            [claim for claim in claims if claim.ref not in leaving],
            [line.cohort for line in self.cohorts],
            self.terms,
            self.surplus_in_minor,
        )


def fee_on(aid_minor: int, fee_bp: int) -> int:
    """The management fee on one claim's aid, rounded up: ceil(a·bp / 10000)."""
    return ceil_div(aid_minor * fee_bp, BASIS_POINTS)


def whole_units(to_share_minor: int, members: int, unit_minor: int) -> int:
    """The least share in whole units with which the members cover an amount: ceil(amount / (N·u))·u."""
    return ceil_div(to_share_minor, members * unit_minor) * unit_minor


def bill_claim(claim: AidedClaim, members: int, case_cap_minor_per_head: int | None) -> ClaimLine:
    """What one claim costs N members: its aid and fee, at most κ·N; nothing if no members are left."""
    fee_minor = fee_on(claim.aid_minor, claim.fee_bp)
    billed_minor = claim.aid_minor + fee_minor if members else 0
    if case_cap_minor_per_head is not None:
        billed_minor = min(billed_minor, case_cap_minor_per_head * members)
    return ClaimLine(claim, fee_minor, billed_minor)


def member_share(cohort: Cohort, per_head_minor: int, annual_cap_minor: int | None) -> int:
    """What a member of the cohort pays (x_c): nothing if gifted, otherwise the share, up to what the annual cap leaves.

    A member who has already paid more than the cap (introduced or lowered during the year) pays nothing and gets
    nothing back.
    """
    if cohort.is_gifted:
        return 0
    if annual_cap_minor is None:
        return per_head_minor
    return min(per_head_minor, max(0, annual_cap_minor - cohort.year_to_date_minor))


def allocate(
    claims: Sequence[AidedClaim], cohorts: Sequence[Cohort], terms: PeriodTerms, surplus_in_minor: int
) -> Allocation:
    """Share a period's claims among its members: DESIGN, "The money".

    Amounts in minor units. With no members (N = 0) the claims wait, or the sponsor bears them: see Allocation. Raises
    ValueError for negative amounts and for a claim or cohort given twice, TypeError for anything that is not a whole
    number; ConservationBroken only if this module is wrong.
    """
    _require_amounts("period", surplus_in_minor=surplus_in_minor)
    _require_unique("claim", [claim.ref for claim in claims])
    _require_unique("cohort", [cohort.key for cohort in cohorts])
    members = sum(cohort.members for cohort in cohorts)
    is_waiting = members == 0 and not terms.has_ended
    waiting = tuple(claims) if is_waiting else ()
    lines = tuple(bill_claim(claim, members, terms.case_cap_minor_per_head) for claim in claims if not is_waiting)
    to_share_minor = max(0, sum(line.total_billed_minor for line in lines) - surplus_in_minor)
    per_head_minor = whole_units(to_share_minor, members, terms.share_unit_minor) if members else 0
    allocation = Allocation(
        claims=lines,
        cohorts=tuple(
            CohortLine(cohort, per_head_minor, member_share(cohort, per_head_minor, terms.annual_cap_minor))
            for cohort in cohorts
        ),
        waiting=waiting,
        terms=terms,
        surplus_in_minor=surplus_in_minor,
        per_head_minor=per_head_minor,
    )
    allocation.check()
    return allocation


def _require_unique(what: str, keys: Sequence[str]) -> None:
    """Refuse a claim or a cohort that would be counted twice."""
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        raise ValueError(f"{what} given twice: {', '.join(sorted(twice))}")
