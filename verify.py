"""Checks what Assize publishes about a vote, with Python's standard library alone and none of the service's code.

    python3 verify.py vote.json [--receipt CODE] [--token CODE] [--key KEY]…

`vote.json` is what /api/v1/votes/NUMBER/ answers. A KEY is the verifier key of the log, or of a witness that you
trust, as name+hash+base64: take it from whom it belongs to. The exit status is 0 if everything agrees, 1 if something
does not. What it could not check it says: above all, that the checkpoint is the one that everybody else has seen.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Sequence
from typing import Any

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SET_ASIDE = ("no_entry", "unreadable")


class Differs(Exception):
    """Something that was published does not agree with something else; the text says what."""


def sha256(data: bytes) -> bytes:
    """SHA-256: 32 bytes."""
    return hashlib.sha256(data).digest()


def canonical(value: object) -> bytes:
    """Canonical JSON in ASCII: keys sorted, no blanks."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def root_over(lines: Sequence[object]) -> dict[str, Any]:
    """How many lines there are, and the root of the tree of RFC 9162 over them."""
    level = [sha256(b"\x00" + canonical(line)) for line in lines]
    return {"count": len(lines), "root": (tree(level) if level else sha256(b"")).hex()}


def tree(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (RFC 9162, 2.1.1)."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + tree(hashes[:split]) + tree(hashes[split:]))


def receipt_of(commitment: str) -> str:
    """The first 80 bits of a commitment as the juror was shown them."""
    bits = int(commitment[:20], 16)
    code = "".join(ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(code[at : at + 4] for at in range(0, 16, 4))


def commitment_of(panel: str, opening: dict[str, Any]) -> str:
    """The SHA-256 over what a ballot says, its salt and the digest of its words."""
    facts = {
        "choice": opening["choice"],
        "is_medical": opening["is_medical"],
        "panel": panel,
        "reason_codes": sorted(opening["reason_codes"]),
        "salt": opening["salt"],
        "version": 1,
        "words_digest": opening["words_digest"],
    }
    return sha256(canonical(facts)).hex()


def require(holds: object, what: str) -> None:
    """Raise Differs unless something holds."""
    if not holds:
        raise Differs(what)


def check_lists(vote: dict[str, Any]) -> None:
    """The lists by themselves: sorted, equally long, and each opening what its commitment covers."""
    openings, tokens = vote["openings"], vote["tokens"]
    receipts = [one["receipt"] for one in openings]
    require(receipts == sorted(receipts), "the openings are not in the order of their receipts")
    require(tokens == sorted(tokens), "the tokens are not in their order")
    require(len(openings) == len(tokens), f"{len(openings)} ballots were counted, but {len(tokens)} seats voted")
    for one in openings:
        require(commitment_of(vote["panel"], one) == one["commitment"], f"{one['receipt']} says something else")
        require(receipt_of(one["commitment"]) == one["receipt"], f"{one['receipt']} is not its commitment's receipt")
    for side, told in (("support", vote["support"]), ("against", vote["against"])):
        found = sum(one["choice"] == side for one in openings)
        require(found == told, f"{found} ballots say {side}, but {told} were counted")
    flags = sum(one["is_medical"] for one in openings)
    require(
        flags == vote["medical_flags"], f"{flags} ballots call it medical, but {vote['medical_flags']} were counted"
    )
    require(verdict_of(vote) == vote["verdict"], f"these ballots give the verdict {verdict_of(vote)}")
    doubled = {one for one in receipts if receipts.count(one) > 1}
    named = {one["receipt"] for one in vote["faults"] if one["kind"] == "receipt_twice"}
    require(doubled == named, "a receipt stands for two ballots, and no fault says so")


def verdict_of(vote: dict[str, Any]) -> str:
    """More than half of the ballots, from the quorum on."""
    support, against = vote["support"], vote["against"]
    if support + against < vote["quorum"] or support == against:
        return "hung"
    return "support" if support > against else "against"


def check_entry(vote: dict[str, Any]) -> None:
    """The closing entry: it holds the roots of these lists and these counts."""
    entry = vote["closing_entry"]
    require(entry, "there is no closing entry")
    head, body = json.loads(entry["head_text"]), json.loads(entry["body_text"])
    require(head == {"kind": "panel.closed", "stream": f"claim:{vote['case_ref']}"}, "the entry is another case's")
    facts = body["body"]
    require(facts["round"] == vote["round"], "the entry is another round's")
    for name in ("openings", "tokens", "faults"):
        require(facts[name] == root_over(vote[name]), f"the {name} are not those whose root the log holds")
    for name in ("support", "against", "medical_flags", "verdict", "quorum"):
        require(facts[name] == vote[name], f"the log says {name} {facts[name]}, the vote {vote[name]}")


def check_proof(entry: dict[str, Any]) -> str:
    """The entry's leaf leads to the root of the checkpoint; returns the checkpoint's three lines."""
    head = sha256(bytes.fromhex(entry["head_salt"]) + entry["head_text"].encode())
    body = sha256(bytes.fromhex(entry["body_salt"]) + entry["body_text"].encode())
    lines, note = entry["proof"].split("\n\n", 1)[0].splitlines(), entry["proof"].split("\n\n", 1)[1]
    require(lines[0] == "c2sp.org/tlog-proof@v1", "the proof has a form that this program does not know")
    index = int(lines[1].split()[1])
    path = [base64.b64decode(line) for line in lines[2:]]
    origin, size, root = note.splitlines()[:3]
    found = root_from(sha256(b"\x00" + head + body), index, int(size), path)
    require(found == base64.b64decode(root), "the proof does not lead to the root of the checkpoint")
    return f"{origin}\n{size}\n{root}"


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Where an inclusion proof leads (RFC 9162, 2.1.3.2)."""
    require(index < size, "the entry is beyond the checkpoint")
    node, last, found = index, size - 1, leaf
    for step in path:
        require(last > 0, "the proof is too long")
        if node & 1 or node == last:
            found = sha256(b"\x01" + step + found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + step)
        node, last = node >> 1, last >> 1
    require(last == 0, "the proof is too short")
    return found


# The curve of Ed25519 (RFC 8032, 5.1): a point is (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
Point = tuple[int, int, int, int]


def add(one: Point, other: Point) -> Point:
    """The sum of two points (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c, d = 2 * one[3] * other[3] * CURVE % PRIME, 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number: int, point: Point) -> Point:
    """The point added to itself so many times."""
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def point_from(data: bytes) -> Point:
    """The point that 32 bytes stand for (RFC 8032, 5.1.3). Raises Differs where they stand for none."""
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, value & (1 << 255) - 1
    require(y < PRIME, "a key or signature is no point of the curve")
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    require((x * x - square) % PRIME == 0 and (x or not sign), "a key or signature is no point of the curve")
    x = PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % PRIME


BASE = point_from((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is the key's (RFC 8032, 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    try:
        key, commitment = point_from(public), point_from(signature[:32])
    except Differs:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), add(commitment, times(challenge, key))
    return all((left[at] * right[2] - right[at] * left[2]) % PRIME == 0 for at in (0, 1))


def check_signature(note: str, key: str) -> str:
    """The key's signature on a signed note (C2SP signed-note, tlog-cosignature); says whose it is. Raises Differs."""
    parts = key.split("+", 2)
    require(len(parts) == 3, "a verifier key reads name+hash+base64")
    name, material = parts[0], base64.b64decode(parts[2])
    short = sha256(name.encode() + b"\n" + material)[:4]
    require(short.hex() == parts[1], f"the key of {name} is not the one that its hash names")
    text, signatures = note.split("\n\n", 1)
    body = f"{text}\n".encode()
    for line in signatures.splitlines():
        signer, _, given = line.removeprefix("\u2014 ").rpartition(" ")
        raw = base64.b64decode(given, validate=True)
        if signer != name or raw[:4] != short:
            continue
        if material[0] == 4:
            moment = int.from_bytes(raw[4:12], "big")
            message, signature, when = f"cosignature/v1\ntime {moment}\n".encode() + body, raw[12:], f" at {moment}"
        else:
            message, signature, when = body, raw[4:], ""
        require(material[0] in (1, 4), f"the key of {name} is of a kind that this program does not know")
        require(is_signed(material[1:], message, signature), f"the signature of {name} is wrong")
        return f"{name}{when}"
    raise Differs(f"{name} has not signed this checkpoint")


def check(vote: dict[str, Any], keys: Sequence[str] = ()) -> list[str]:
    """Everything that can be checked of a vote; what was found, in sentences. Raises Differs."""
    check_lists(vote)
    check_entry(vote)
    said = [
        f"{len(vote['openings'])} ballots and {len(vote['tokens'])} seats: both lists are whole, sorted and equal in "
        "number, and the closing entry holds their roots.",
    ]
    aside = sum(one["kind"] in SET_ASIDE for one in vote["faults"])
    said.append(f"{len(vote['faults'])} faults were published, {aside} ballots set aside.")
    if vote["closing_entry"]["proof"]:
        checkpoint = check_proof(vote["closing_entry"])
        said.append(f"The entry is in the log under this checkpoint:\n{checkpoint}")
        note = vote["closing_entry"]["proof"].split("\n\n", 1)[1]
        said += [f"Signed by {check_signature(note, key)}." for key in keys]
        if not keys:
            said.append("Not checked: its signatures. Name the keys that you trust with --key.")
        said.append("Not checked: that others saw the same checkpoint. Compare it with the one that somebody has kept.")
    else:
        require(not keys, "no signed checkpoint covers the closing entry yet, so that no key has signed anything")
        said.append("Not checked: no signed checkpoint covers the closing entry yet.")
    said.append("Taken on trust: that each token is a seat of its own, which only its juror can tell.")
    return said


def look_up(vote: dict[str, Any], receipt: str | None, token: str | None) -> list[str]:
    """What the lists say of a receipt or a token. Raises Differs where they have none."""
    said = []
    if receipt:
        found = [one for one in vote["openings"] if one["receipt"] == receipt.upper()]
        require(found, f"{receipt} is not among the ballots that counted")
        said.append(f"{receipt} was counted and says: {found[0]['choice']}.")
    if token:
        require(token.upper() in vote["tokens"], f"no ballot from {token} was counted")
        said.append(f"A ballot from {token} was counted.")
    return said


def main(arguments: Sequence[str]) -> int:
    """Check one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vote", help="the file")
    parser.add_argument("--receipt", help="also look for this receipt")
    parser.add_argument("--token", help="also look for this name of a seat")
    parser.add_argument("--key", action="append", default=[], help="this key must have signed the checkpoint")
    given = parser.parse_args(arguments)
    with open(given.vote, encoding="utf-8") as source:
        vote = json.load(source)
    try:
        said = check(vote, given.key) + look_up(vote, given.receipt, given.token)
    except Differs as error:
        sys.stderr.write(f"DIFFERS: {error}\n")
        return 1
    except (KeyError, TypeError, ValueError, IndexError) as error:
        sys.stderr.write(f"DIFFERS: this is no vote as this program knows it ({type(error).__name__}: {error})\n")
        return 1
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
