"""Log-ins and the roles given to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.pairing import paired
from audit.rows import Row
from members import columns
from members.fields import EncryptedTextField


class UserManager(BaseUserManager["User"]):
    """Creates log-ins by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A log-in; without a password it can't be used until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A log-in for the technical administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin, Row):
    """A log-in. What it may do comes from its roles; the person behind it is `members.Person`."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = EncryptedTextField(_("name"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin screens"), default=False)
    language = models.CharField(_("language"), max_length=16, blank=True, db_default="")
    """Of what is sent to them: the one that they last chose or read pages in; empty means the site's own."""
    joined_at = models.DateTimeField(_("created"), db_default=DatabaseNow(), editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        triggers: ClassVar[list[object]] = column_triggers(columns.USER)

    def __str__(self) -> str:
        return self.audit_ref

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The libraries save a stored log-in bare, after a new password or address: those are stored then."""
        if not self._state.adding and not kwargs.get("force_insert"):
            kwargs.setdefault("update_fields", ["password", "email"])
        super().save(*args, **kwargs)

    @property
    def audit_ref(self) -> str:
        """The stable reference in the audit log; says nothing about the person."""
        return f"user:{self.pk}"

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles in force, read once for each request."""
        return frozenset(self.role_grants.filter(revoked_at=None).values_list("role", flat=True))


class Role(models.TextChoices):
    """Roles that somebody gives. Being a member or a juror is not given: it follows from a membership, a pool."""

    INVESTIGATOR = "investigator", _("investigator")
    PROFESSIONAL = "professional", _("professional juror")
    REVIEWER = "reviewer", _("reviewer")
    AUDITOR = "auditor", _("auditor")


_STREAM = "'user:' || NEW.user_id"


class RoleGrant(Row):
    """A role, from when it was given until it is revoked."""

    Role = Role

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    granted_at = models.DateTimeField(_("given"), db_default=DatabaseNow(), editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(revoked_at=None), name="one_grant_of_a_role_at_a_time"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]
        triggers: ClassVar[list[object]] = [
            *column_triggers(columns.ROLE_GRANT),
            paired("grant", kinds=["role.granted"], stream=_STREAM, facts={"role": "NEW.role"}),
            paired(
                "revocation", kinds=["role.revoked"], stream=_STREAM, facts={"role": "NEW.role"}, changes="revoked_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"
