"""What somebody chooses about what is sent to them: the language, and which of the rest comes by e-mail."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from audit.models import Entry
from members.errors.messages import LanguageUnknown, MailNotOptional
from members.models import Delivery, MailChoice, User
from members.selectors.mail_choices import mail_kinds_of
from members.selectors.messages import language_of
from members.services.mail_choices import choose_language, choose_mail
from members.services.messages import tell
from tests.cast import Cast
from tests.factories import make_user
from tests.members.telling import acted

pytestmark = pytest.mark.django_db
CHOICES = reverse("mail_choices")


def text(client: Client, user: User) -> str:
    client.force_login(user)
    return " ".join(client.get(CHOICES).content.decode().split())


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_what_is_owed_is_listed_and_the_rest_is_a_choice(client: Client, cast: Cast) -> None:
    shown = text(client, cast.member)
    chosen, _half, owed = shown.partition('id="owed"')
    assert 'value="test.optional"' in chosen
    assert 'value="test.told"' not in shown
    assert "<li>About …</li>" in owed
    assert "About the plan …" in chosen


def test_what_is_for_members_is_no_choice_of_staff(client: Client, cast: Cast) -> None:
    assert 'value="test.optional"' not in text(client, cast.reviewer)


def test_a_choice_holds_from_then_on(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    given = {"language": "zh-hans", "wanted_news": ["test.to_all"]}
    assert client.post(CHOICES, given)["Location"] == CHOICES
    chosen = dict(MailChoice.objects.values_list("kind", "is_wanted"))
    assert chosen.items() >= {"test.optional": False, "test.to_all": True}.items()
    assert again(cast.member).language == "zh-hans"
    tell("test.optional", to=again(cast.member), entry=acted(), ref="x")
    assert not Delivery.objects.exists()
    entry = Entry.objects.get(kind="user.mail_chosen")
    assert entry.body == {"wanted": chosen}
    client.post(CHOICES, given)
    assert Entry.objects.filter(kind="user.mail_chosen").count() == 1, "nothing has changed"


def test_a_choice_that_cannot_be_read_is_shown_again(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    response = client.post(CHOICES, {"language": "tlh", "wanted_news": ["test.to_all"]})
    assert response.status_code == 422
    assert (
        'value="test.to_all" id="id_wanted_1" checked' in response.content.decode()
        or "checked" in (response.content.decode().partition('value="test.to_all"')[2][:60])
    )
    assert not MailChoice.objects.exists()


@pytest.mark.parametrize("kind", ["test.told", "test.nothing"])
def test_what_is_owed_or_unknown_is_refused(cast: Cast, kind: str) -> None:
    with pytest.raises(MailNotOptional):
        choose_mail(wanted=[kind], by=cast.member)


def test_a_choice_for_another_role_is_refused(cast: Cast) -> None:
    with pytest.raises(MailNotOptional):
        choose_mail(wanted=["test.optional"], by=cast.reviewer)
    assert not [kind for kind in mail_kinds_of(cast.reviewer) if kind.name.startswith("test.")]


def test_a_language_that_nobody_speaks_here_is_refused(cast: Cast) -> None:
    with pytest.raises(LanguageUnknown):
        choose_language(language="tlh", by=cast.member)


def test_switching_the_pages_switches_what_is_sent(client: Client, cast: Cast) -> None:
    switch = reverse("set_language")
    client.post(switch, {"language": "zh-hans", "next": "/plans/"})
    assert not User.objects.exclude(language="").exists(), "nobody is signed in"
    client.force_login(cast.member)
    assert client.post(switch, {"language": "zh-hans", "next": "/plans/"})["Location"] == "/plans/"
    assert language_of(again(cast.member)) == "zh-hans"
    assert Entry.objects.get(kind="user.language_chosen").body == {"language": "zh-hans"}
    client.post(switch, {"language": "tlh", "next": "/plans/"})
    client.get(f"{switch}?language=en&next=/plans/")
    assert language_of(again(cast.member)) == "zh-hans"
    client.post(switch, {"language": "en", "next": "/plans/"})
    assert language_of(again(cast.member)) == "en"


def test_who_never_chose_is_written_to_in_the_language_they_log_in_with(client: Client) -> None:
    user, chooser = make_user(), make_user(language="en")
    client.cookies["django_language"] = "zh-hans"
    for one in (user, chooser):
        client.post(reverse("account_login"), {"login": one.email, "password": "secret-word"})
        client.post(reverse("account_logout"))
    translation.activate("en")
    assert again(user).language == "zh-hans"
    assert again(chooser).language == "en"


def test_who_signs_up_is_written_to_in_the_language_of_the_page(client: Client) -> None:
    client.cookies["django_language"] = "zh-hans"
    given = {"email": "new@test.example", "password1": "long-secret-word", "password2": "long-secret-word"}
    client.post(reverse("account_signup"), given)
    translation.activate("en")
    assert User.objects.get(email="new@test.example").language == "zh-hans"


def test_the_account_page_promises_what_is_sent(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    shown = client.get(reverse("account_email")).content.decode()
    assert "Your inbox here has all of it" in shown
    assert CHOICES in shown
