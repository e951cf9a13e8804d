"""The log's own keys: which it signs with, and the entries by which one takes over from another."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from audit.actors import Actor
from audit.models import Leaf
from audit.rules.notes import VerifierKey, verifier_of
from audit.selectors.log import KEY_INTRODUCED, KEY_RETIRED, KEY_ROTATED, KEY_STREAM, configured_origin, log_keys
from audit.services.entries import append
from audit.services.sequencing import hold_the_log


class NoOverlap(RuntimeError):
    """None of the configured keys is one that the log is signed with: nobody could tell the new log from a forged one.

    Put the key in use second in AUDIT_LOG_KEYS until a checkpoint carries both signatures. If it is lost,
    `manage.py audit_keys --accept-without-overlap`.
    """

    def __init__(self) -> None:
        super().__init__(" ".join(str(self.__doc__).split()))


def configured_keys() -> list[tuple[VerifierKey, bytes]]:
    """The public keys of the settings, newest first, each with its seed."""
    origin = configured_origin()
    return [(verifier_of(seed, origin), seed) for seed in settings.AUDIT_LOG_KEYS]


def record_keys(*, by: Actor, without_overlap: bool = False) -> int:
    """Append what the settings changed about the keys: introduced, rotated, retired. Returns how many entries.

    A configured key that the log doesn't know takes over from the newest it knows; a key that is no longer configured
    is retired once a newer one is. A machine with older settings retires nothing newer. Raises NoOverlap.
    """
    configured = [key for key, _seed in configured_keys()]
    with transaction.atomic():
        # Machines with other settings record at the same time: the order of these entries decides which key is newest.
        hold_the_log()
        known = log_keys()
        in_use = [one for one in known if one.is_in_use]
        current = [one.key for one in in_use]
        new = [key for key in configured if key not in current]
        if known and not without_overlap and not set(configured) & set(current):
            raise NoOverlap
        for key in reversed(new):
            if current:
                append(kind=KEY_ROTATED, stream=KEY_STREAM, by=by, body={"key": key.text, "after": current[0].text})
            else:
                append(kind=KEY_INTRODUCED, stream=KEY_STREAM, by=by, body={"key": key.text})
            current.insert(0, key)
        oldest_to_keep = current.index(configured[0])
        retired = [key for key in current[oldest_to_keep + 1 :] if key not in configured]
        for key in retired:
            append(kind=KEY_RETIRED, stream=KEY_STREAM, by=by, body={"key": key.text})
    return len(new) + len(retired)


def signing_seeds(size: int) -> list[bytes]:
    """The seeds to sign the tree of `size` leaves with, newest first: configured, in use, and introduced within it."""
    seeds = dict(configured_keys())
    in_use = {one.introduced.pk: one.key for one in log_keys() if one.is_in_use and one.key in seeds}
    placed = Leaf.objects.filter(entry_id__in=in_use, leaf_index__lt=size).values_list("entry_id", flat=True)
    usable = {in_use[entry_id] for entry_id in placed}
    return [seed for key, seed in seeds.items() if key in usable]
