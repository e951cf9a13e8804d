"""Tables of people, roles, plans and memberships."""

from members.models.dissolutions import Dissolution
from members.models.memberships import HealthStatement, Membership
from members.models.people import Person
from members.models.plan_drafts import PlanDraft
from members.models.plans import Plan, PlanVersion
from members.models.unmaskings import Unmasking
from members.models.users import RoleGrant, User

__all__ = [
    "Dissolution",
    "HealthStatement",
    "Membership",
    "Person",
    "Plan",
    "PlanDraft",
    "PlanVersion",
    "RoleGrant",
    "Unmasking",
    "User",
]
