"""Tables of people, roles, plans and memberships."""

from members.models.dissolutions import Dissolution
from members.models.identity import IdentityQuestion
from members.models.memberships import HealthStatement, Membership
from members.models.messages import (
    Broadcast,
    BroadcastReading,
    Channel,
    ContactAttempt,
    Delivery,
    DeliveryReport,
    DeliveryStatus,
    MailChoice,
    Message,
    StaffDigest,
)
from members.models.past_age import PastAge
from members.models.people import Person
from members.models.plan_drafts import PlanDraft
from members.models.plans import Plan, PlanVersion
from members.models.unmaskings import Unmasking
from members.models.users import RoleGrant, User

__all__ = [
    "Broadcast",
    "BroadcastReading",
    "Channel",
    "ContactAttempt",
    "Delivery",
    "DeliveryReport",
    "DeliveryStatus",
    "Dissolution",
    "HealthStatement",
    "IdentityQuestion",
    "MailChoice",
    "Membership",
    "Message",
    "PastAge",
    "Person",
    "Plan",
    "PlanDraft",
    "PlanVersion",
    "RoleGrant",
    "StaffDigest",
    "Unmasking",
    "User",
]
