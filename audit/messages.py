"""Which entries of this room tell somebody. It knows no people, so it writes no messages itself."""

from __future__ import annotations

from audit.message_kinds import Silent, Tells

_KEYS = Silent("Written by the operator's command; everybody can read it in the public log.")
_WITNESS = Silent("The page of the log shows it to everybody, and the daily digest to staff.")

TOLD: dict[str, tuple[Tells, ...] | Silent] = {
    "log.filler": Silent("It says nothing; it keeps the growth of the log from showing how much happened."),
    "log.exported": Silent("Who exports reads the result at once; auditors find every export in the log."),
    "log.key_introduced": _KEYS,
    "log.key_retired": _KEYS,
    "log.key_rotated": _KEYS,
    "log.witness_introduced": _WITNESS,
    "log.witness_refused": _WITNESS,
}
