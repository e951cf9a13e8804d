"""Who and what a FHIR resource is: a server and an id. The same id on two servers is two resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

_ADDRESS = re.compile(r"https?://(?P<server>\S+)/(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.\-]{1,64})", re.IGNORECASE)
_RELATIVE = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.\-]{1,64})")
_VERSION = re.compile(r"/_history/[^/]*$")
_URN = "urn:uuid:"


class Identity(NamedTuple):
    """A resource: the server that gave the id, without scheme (empty where no one says which), its type and its id."""

    server: str
    resource_type: str
    resource_id: str

    def __str__(self) -> str:
        name = f"{self.resource_type}/{self.resource_id}"
        return f"{self.server}/{name}" if self.server else name


class Identifier(NamedTuple):
    """A number that somebody gave to a patient, and the system it comes from."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What a resource says of another one. `identity` is None where it names none that could be recognised."""

    identity: Identity | None
    full_url: str
    scope: int
    """The Bundle in which it stands; a `fullUrl` means something inside its Bundle only. 0: in none."""
    words: str
    """Why it points to nobody, for the report, where it does."""
    identifier: Identifier | None = None


NOTHING = Reference(None, "", 0, "(none) is not in the file")


def server_of(address: str) -> str:
    """A server's address as identities have it: without scheme and closing slash, in small letters up to the path."""
    bare = re.sub(r"^https?://", "", address.strip(), flags=re.IGNORECASE).rstrip("/")
    host, slash, path = bare.partition("/")
    return host.lower() + slash + path


def identity_at(full_url: str) -> Identity | None:
    """The identity that a `fullUrl` on a server gives (`https://a.example/fhir/Patient/1`); None for any other."""
    match = _ADDRESS.fullmatch(_VERSION.sub("", full_url.strip()))
    return Identity(server_of(match["server"]), match["type"], match["id"]) if match else None


def uuid_in(full_url: str) -> str:
    """The UUID of `urn:uuid:…`, which stands for an id where a resource has none; empty for any other."""
    return full_url.strip()[len(_URN) :].lower() if full_url.strip().lower().startswith(_URN) else ""


def reference_in(value: Any, resource_type: str, *, server: str, default_server: str, scope: int) -> Reference:
    """A Reference element that should point to a `resource_type`.

    Relative ones point to the server of the resource that they stand in (`server`), or to that of the file.
    """
    if not isinstance(value, dict):
        return NOTHING
    text = str(value.get("reference") or "").strip()
    if not text:
        found = identifier_in(value.get("identifier"))
        words = "is named by an identifier only, which no patient in the file has alone"
        return Reference(None, "", scope, words, found) if found else NOTHING
    if text.startswith("#"):
        return Reference(None, "", scope, f"{text} is contained in it and has no identity of its own")
    identity = identity_at(text)
    relative = _RELATIVE.fullmatch(_VERSION.sub("", text))
    if identity is None and relative:
        identity = Identity(server or default_server, relative["type"], relative["id"])
    if identity is None and uuid_in(text):
        identity = Identity(default_server, resource_type, text[len(_URN) :])
    if identity is not None and identity.resource_type != resource_type:
        return Reference(None, "", scope, f"{text} is no {resource_type}")
    local = identity is not None and identity.server == default_server
    name = identity.resource_id if local and identity else text
    return Reference(identity, text, scope, f"{name} is not in the file")


def identifier_in(value: Any) -> Identifier | None:
    """An identifier with its system and its value; None where one is missing: a bare number says nothing elsewhere."""
    if not isinstance(value, dict):
        return None
    system, number = (str(value.get(name) or "").strip() for name in ("system", "value"))
    return Identifier(system.rstrip("/").lower(), "".join(number.split()).upper()) if system and number else None
