"""The pages about one claim, with its payments."""

from __future__ import annotations

from typing import Any

from adjudication.models import Claim
from adjudication.views.board import BoardClaim
from adjudication.views.claims import ClaimDetail
from allocation.selectors.payments import payments_of_claim


class MemberClaim(ClaimDetail):
    """A claim as its member sees it."""

    template_name = "allocation/claim/detail.html"

    def context(self, claim: Claim) -> dict[str, Any]:
        return super().context(claim) | {"payments": payments_of_claim(claim)}


class ReviewerClaim(BoardClaim):
    """A claim as reviewers and auditors see it."""

    template_name = "allocation/board/claim.html"

    def context(self, claim: Claim) -> dict[str, Any]:
        return super().context(claim) | {"payments": payments_of_claim(claim)}
