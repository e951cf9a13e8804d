"""What is committed and logged before a draw's entropy exists, so that nothing can be chosen once it is known."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass

from audit.rules.canonical import canonical_ascii
from jury.rules.entropy import SourceKind, require_allowed
from jury.rules.seating import Strata

_SHA256_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class EntropySource:
    """One source that will exist only later: who publishes it, and exactly which issue, round or link counts.

    For a chain link, `publisher` is the chain's anchor in hex and `issue` the number of the link.
    """

    kind: SourceKind
    publisher: str
    issue: str


@dataclass(frozen=True)
class Commitment:
    """Everything that decides a draw, except the entropy: one for each case reference and round, never a second one.

    `pool_high` is the highest juror number, 0 in a plan that has no juror and has waited for one; `file_digest` and
    `rule_digest` are SHA-256 in lower-case hex, of the case file and of the plan version; `lookup_limit` is how
    many numbers may be looked up before the pool counts as exhausted; `fallback` says in words what happens when a
    source fails; `default_nonce` stands in when the applicant gives none. Raises `ValueError` for an impossible field,
    with its name.
    """

    case_ref: str
    round: int
    pool_high: int
    file_digest: str
    rule_digest: str
    seats: int
    quorum: int
    lookup_limit: int
    sources: tuple[EntropySource, ...]
    fallback: str
    default_nonce: str = ""
    strata: Strata | None = None
    encoding: str = "rfc3797"
    hash: str = "sha256"

    def __post_init__(self) -> None:
        broken = [
            ("case_ref", not self.case_ref),
            ("round", self.round < 1),
            ("pool_high", self.pool_high < 0),
            ("file_digest", not _SHA256_HEX.fullmatch(self.file_digest)),
            ("rule_digest", not _SHA256_HEX.fullmatch(self.rule_digest)),
            ("seats", self.seats < 1 or self.seats % 2 == 0),
            ("quorum", not 1 <= self.quorum <= self.seats),
            ("lookup_limit", self.lookup_limit < self.seats),
            ("sources", any(not source.publisher or not source.issue for source in self.sources)),
            ("default_nonce", self._has_nonce() and not self.default_nonce),
            ("encoding", self.encoding != "rfc3797"),
            ("hash", self.hash != "sha256"),
        ]
        wrong = [name for name, is_broken in broken if is_broken]
        if wrong:
            raise ValueError(f"A commitment cannot have this {wrong[0]}: {getattr(self, wrong[0])!r}.")
        require_allowed([source.kind for source in self.sources])

    def _has_nonce(self) -> bool:
        return any(source.kind is SourceKind.APPLICANT_NONCE for source in self.sources)

    def canonical_bytes(self) -> bytes:
        """The one form that is hashed, logged and published: JSON, keys sorted, ASCII only, no whitespace."""
        fields = {"version": 1, **asdict(self)}
        return canonical_ascii(fields)

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex: what the log's entry holds and the draw's key contains."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()
