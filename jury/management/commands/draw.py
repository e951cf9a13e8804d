"""`manage.py draw`: repeat a draw by RFC 3797 from its published values, without a database."""

from __future__ import annotations

from itertools import islice
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from jury.rules.draw import HashName, walk

_HASHES = ("sha256", "md5")
_DIGITS_MAX = 18


class Command(BaseCommand):
    help = "Print the numbers that RFC 3797 draws from a pool, on the last line, separated by spaces."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hash", dest="hash_name", default="sha256", help="sha256 (default) or md5 (as the RFC)")
        parser.add_argument("--pool", help="the highest number in the pool; numbers start at 1")
        parser.add_argument("--seats", help="how many numbers to draw")
        parser.add_argument("--entropy", help='the whole key, as "9319./2.5.8.10.12./9.18.26.34.41.45./"')

    def handle(self, *args: Any, **options: Any) -> None:
        hash_name = options["hash_name"]
        if hash_name not in _HASHES:
            raise CommandError(_("--hash %(given)s: write sha256 or md5.") % {"given": hash_name})
        pool = _whole("--pool", options["pool"])
        seats = _whole("--seats", options["seats"])
        if seats > pool:
            raise CommandError(
                _("--seats %(seats)d: more than the %(pool)d in the pool; draw fewer seats or give a larger pool.")
                % {"seats": seats, "pool": pool}
            )
        key = _key(options["entropy"])
        numbers = islice(walk(key, pool, cast("HashName", hash_name)), seats)
        self.stdout.write(" ".join(map(str, numbers)))


def _whole(option: str, given: str | int | None) -> int:
    """The option as a whole number from 1."""
    text = "" if given is None else str(given)
    if not text:
        raise CommandError(_("%(option)s is missing: give a whole number from 1.") % {"option": option})
    # int() would also accept "1_000", spaces and other scripts' digits.
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS_MAX or int(text) < 1:
        raise CommandError(
            _("%(option)s %(given)s: not a whole number from 1, of at most %(most)d digits.")
            % {"option": option, "given": ascii(text), "most": _DIGITS_MAX}
        )
    return int(text)


def _key(entropy: str | None) -> bytes:
    """The key's bytes, exactly as given."""
    if not entropy:
        raise CommandError(_("--entropy is missing: give the published values as 9319./2.5.8.10.12./"))
    if not (entropy.isascii() and entropy.isprintable()):
        raise CommandError(_("--entropy: only plain ASCII characters count, as in 9319./2.5.8.10.12./"))
    return entropy.encode("ascii")
