"""The Chinese catalogues: whole, true to the source's placeholders, one word for one thing, and seen on the pages."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils.translation.template import templatize

from run.messages import BASE_DIR, catalogues, compile_all
from tests.factories import make_user
from tests.kinds import MESSAGE_KINDS
from tests.test_access import ROLES, TABLE, World, _client_of, world  # noqa: F401

_CODE = ("config", "pages", "audit", "members", "jury", "adjudication", "allocation")
_PROPER_NAMES = {"Assize"}
_PAGES_OF_LIBRARIES = {"api_pages"}
_PLACEHOLDER = re.compile(r"%\([A-Za-z_]\w*\)[#0\- +]*[\d.]*[a-zA-Z]|\{\w*\}")
_TAG = re.compile(r"</?[a-z]+[^>]*>")
# The keywords that makemessages looks for; the number in front of "c" is the argument that holds the context.
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_ENGLISH_PART = re.compile(r'<(\w+)[^>]*\blang="en"[^>]*>.*?</\1>', re.DOTALL)
_UNSEEN_PART = re.compile(r"<(script|style|code|pre|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_SPOKEN = re.compile(r'(?:aria-label|alt|title|placeholder|value)="([^"]*)"')
_ENGLISH_SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’-]+(?:,? [A-Za-z][A-Za-z'’-]*){2,}")


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    """The pages are read in the translation as it stands, not as it was when somebody last compiled it."""
    compile_all()


FILES = [path.relative_to(BASE_DIR).as_posix() for path in catalogues(BASE_DIR)]


def _read(name: str) -> Catalog:
    path = BASE_DIR / name
    with path.open("rb") as source:
        return read_po(source, locale=path.parent.parent.name, abort_invalid=True)


def _messages(catalogue: Catalog) -> Iterator[tuple[Message, str, str, str]]:
    """Every message but the header, with the source of one, the source of many, and the translation."""
    for message in catalogue:
        if not message.id:
            continue
        one, many = (message.id, message.id) if isinstance(message.id, str) else message.id
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        yield message, one, many, "\n".join(texts)


def _source_texts() -> Iterator[tuple[Path, str | None, str]]:
    """Every text that templates and code ask a translation of: file, context, text."""
    for root in (*_CODE, "templates"):
        for folder, _folders, names in os.walk(BASE_DIR / root):
            for name in names:
                path = Path(folder, name)
                if path.suffix == ".py" and "migrations" not in path.parts:
                    source = path.read_text("utf-8")
                elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                    # Templatize leaves the template's indentation, which is none that Python knows.
                    lines = templatize(path.read_text("utf-8"), origin=name).splitlines()
                    source = "\n".join(line.strip() for line in lines)
                else:
                    continue
                for _line, found, _comments, context in extract("python", BytesIO(source.encode()), _KEYWORDS):
                    yield path.relative_to(BASE_DIR), context, found if isinstance(found, str) else found[0]


def test_every_app_and_the_templates_have_a_catalogue() -> None:
    expected = {f"{app}/locale/zh_Hans/LC_MESSAGES/django.po" for app in _CODE}
    assert set(FILES) == expected | {"locale/zh_Hans/LC_MESSAGES/django.po"}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_untranslated_fuzzy_or_obsolete(name: str) -> None:
    catalogue = _read(name)
    missing = [one for message, one, _many, text in _messages(catalogue) if not text.strip() or message.fuzzy]
    assert not missing, "\n".join(missing)
    assert list(catalogue.obsolete) == []
    assert not catalogue.header_comment.strip("# \n")
    assert len(catalogue) > 0


@pytest.mark.parametrize("name", FILES)
def test_placeholders_and_tags_are_those_of_the_source(name: str) -> None:
    different = []
    for message, one, many, text in _messages(_read(name)):
        parts = sorted(_PLACEHOLDER.findall(text))
        if message.pluralizable:
            same = set(_PLACEHOLDER.findall(one)) <= set(parts) == set(_PLACEHOLDER.findall(many))
        else:
            same = parts == sorted(_PLACEHOLDER.findall(one))
        if not same or sorted(_TAG.findall(text)) != sorted(_TAG.findall(many)):
            different.append(f"{one!r}: {text!r}")
    assert not different, "\n".join(different)


@pytest.mark.parametrize("name", FILES)
def test_every_translation_is_chinese(name: str) -> None:
    """A text left in English would pass for a translation."""
    english = []
    for _message, one, _many, text in _messages(_read(name)):
        bare = _TAG.sub("", _PLACEHOLDER.sub("", one))
        if bare not in _PROPER_NAMES and re.search(r"[a-z]{3}", bare) and not re.search(r"[\u4e00-\u9fff]", text):
            english.append(one)
    assert not english, "\n".join(english)


def test_a_text_has_one_translation_in_all_catalogues() -> None:
    """Django joins the catalogues, and the last one wins: two translations of one text would drive each other out."""
    known: dict[tuple[str | None, str], tuple[str, str]] = {}
    different = []
    for name in FILES:
        for message, one, _many, text in _messages(_read(name)):
            other, before = known.setdefault((message.context, one), (name, text))
            if before != text:
                different.append(f"{one!r}: {before!r} in {other}, {text!r} in {name}")
    assert not different, "\n".join(different)


def test_every_text_of_templates_and_code_is_in_a_catalogue() -> None:
    known = {(message.context, one) for name in FILES for message, one, _many, _text in _messages(_read(name))}
    asked = list(_source_texts())
    assert len({text for _path, _context, text in asked}) > 1000
    missing = sorted({f"{path}: {text}" for path, context, text in asked if (context, text) not in known})
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("name", FILES)
def test_no_catalogue_keeps_a_text_that_nothing_asks_for(name: str) -> None:
    asked = {(context, text) for _path, context, text in _source_texts()}
    kept = [one for message, one, _many, _text in _messages(_read(name)) if (message.context, one) not in asked]
    assert not kept, "\n".join(kept)


def _english_sentences(page: str) -> list[str]:
    """Three English words or more in a row, where a reader or a screen reader meets them."""
    seen = _UNSEEN_PART.sub(" ", _ENGLISH_PART.sub(" ", page))
    texts = [*_SPOKEN.findall(seen), *re.split(r"<[^>]*>", seen)]
    return [found for text in texts for found in _ENGLISH_SENTENCE.findall(html.unescape(text))]


def _page(client: Client, address: str) -> str | None:
    """The page in Chinese; None where the address takes only acts, or gives something else than a page."""
    response = client.get(address, headers={"accept-language": "zh-hans"}, follow=True)
    if response.status_code == 405 or "html" not in response.headers["Content-Type"]:
        return None
    page = response.content.decode()
    # A part of a page, which is fetched again while somebody looks at it, has the language of the page around it.
    assert "<html" not in page or re.search(r'<html[^>]*\blang="zh-[Hh]ans"', page), address
    return page


def _written_by_people() -> str:
    """All that stands in the database: words of members, investigators and doctors stay in the language they chose."""
    texts: list[str] = []
    for app in _CODE[1:]:
        for model in apps.get_app_config(app).get_models():
            names = [field.attname for field in model._meta.fields]
            for row in model._default_manager.all():
                texts += [f"{getattr(row, name)}" for name in names]
    # The kinds of messages that tests alone send have one language; a reference is shown as far as its first digit.
    for kind in MESSAGE_KINDS.values():
        texts += [re.sub(r"%\(\w+\)s", "C", str(text)) for text in (kind.subject, *kind.body, kind.why, kind.act)]
    return "\n".join(texts)


def test_pages_hold_no_english_sentence_of_ours(world: World) -> None:  # noqa: F811
    """Every page of the service, each in one role that may read it, on the demonstration's claims and periods."""
    theirs = _written_by_people()
    read, english = set(), []
    for name, (allowed, arguments) in TABLE.items():
        role = next(role for role in ("member", *ROLES) if role in allowed)
        if name.startswith("api-") or name in _PAGES_OF_LIBRARIES:
            continue
        page = _page(_client_of(world.users[role]), reverse(name, kwargs=arguments(world)))
        if page is not None:
            read.add(name)
            english += [f"{name}: {found}" for found in _english_sentences(page) if found not in theirs]
    assert {"front", "home", "plan_detail", "claim_detail", "seat_detail", "board_claim", "period_detail"} <= read
    assert not english, "\n".join(english)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password", "no_such_page"])
def test_pages_before_signing_in_hold_no_english_sentence(name: str) -> None:
    page = _page(Client(), "/nowhere/" if name == "no_such_page" else reverse(name))
    assert page is not None
    assert _english_sentences(page) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["account_email", "account_change_password", "account_logout", "mfa_index"])
def test_pages_of_ones_own_account_hold_no_english_sentence(name: str) -> None:
    client = _client_of(make_user("member@test.example"))
    page = _page(client, reverse(name))
    assert page is not None
    assert _english_sentences(page) == []


def test_an_english_sentence_would_be_seen() -> None:
    page = (
        '<p lang="en">Never mind this one</p><code>select me from you</code>'
        '<p>提交<b>Nothing is sent before</b></p><a aria-label="Skip to the content">跳</a>'
    )
    assert _english_sentences(page) == ["Skip to the content", "Nothing is sent before"]
