"""A log-in that a library saves bare keeps what is not the library's."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from members.models import User

pytestmark = pytest.mark.django_db


def test_a_bare_save_stores_the_password_and_the_address_and_nothing_else() -> None:
    user = User.objects.create_user("one@test.example", "an old password")
    User.objects.filter(pk=user.pk).update(language="zh-hans")
    user.set_password("a new password")
    user.email, user.is_superuser = "two@test.example", True
    user.save()

    stored = User.objects.get(pk=user.pk)
    assert stored.check_password("a new password")
    assert (stored.email, stored.is_superuser, stored.language) == ("two@test.example", False, "zh-hans")


@pytest.mark.parametrize("column", ["is_superuser", "is_staff", "is_active"])
def test_what_a_log_in_may_is_written_with_it_and_stays(column: str) -> None:
    user = User.objects.create_user("one@test.example")
    with pytest.raises(DatabaseError, match=f"members_user is forbidden: {column}"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**{column: column != "is_active"})
