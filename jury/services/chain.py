"""The service's own hash chains: one entropy source of every draw, fixed before the first one.

Links come from DRAW_CHAIN_SECRET in chains of 4,096, so that a link costs at most 4,096 hashes (milliseconds). The
n-th panel takes link n % 4096 + 1 of chain n // 4096. A chain's anchor stands in the log before any draw that uses it:
chain 0 just before the first commitment, every other one a whole chain ahead.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db.models import Max

from audit.actors import Actor
from audit.locks import AdvisoryLock, wait_for
from audit.services import append
from jury.errors.draws import ChainSecretChanged
from jury.models import Panel
from jury.rules.entropy import chain_anchor, chain_link, is_link_of

LINKS = 4096


def take_next_link(*, by: Actor) -> tuple[int, str, int]:
    """The next free link: its index over all chains, the chain's anchor in hex, and the number within the chain.

    Holds a lock until the transaction ends, so that no two panels take one link. Publishes the anchors that are due.
    Raises ChainSecretChanged when the secret isn't the one that the chain's earlier links came from.
    """
    wait_for(AdvisoryLock.DRAW_CHAIN)
    # After the lock, in a statement of its own: at READ COMMITTED it sees the link of the transaction waited for.
    last = Panel.objects.aggregate(last=Max("chain_index"))["last"]
    index = 0 if last is None else last + 1
    chain, number = divmod(index, LINKS)
    anchor = _anchor(chain)
    if number:
        _require_same_chain(index - 1, anchor)
    else:
        for started in [chain, chain + 1] if chain == 0 else [chain + 1]:
            append(
                kind="draw.chain_anchored",
                stream=f"chain:{started}",
                by=by,
                body={"chain": started, "links": LINKS, "anchor": _anchor(started)},
            )
    return index, anchor, number + 1


def reveal_link(panel: Panel) -> bytes:
    """The link that the panel is committed to. Raises ChainSecretChanged when it doesn't lead to the anchor."""
    chain, number = divmod(panel.chain_index, LINKS)
    link = chain_link(_seed(chain), LINKS, number + 1)
    if not is_link_of(link, bytes.fromhex(_committed_anchor(panel)), number + 1):
        raise ChainSecretChanged
    return link


def _seed(chain: int) -> bytes:
    return hashlib.sha256(b"draw chain %d\x00" % chain + settings.DRAW_CHAIN_SECRET).digest()


def _anchor(chain: int) -> str:
    return chain_anchor(_seed(chain), LINKS).hex()


def _committed_anchor(panel: Panel) -> str:
    sources = panel.commitment["sources"]
    return str(next(source["publisher"] for source in sources if source["kind"] == "chain_link"))


def _require_same_chain(index: int, anchor: str) -> None:
    if _committed_anchor(Panel.objects.only("commitment").get(chain_index=index)) != anchor:
        raise ChainSecretChanged
