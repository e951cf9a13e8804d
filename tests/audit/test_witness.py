"""The witness by itself: what it reads, what it cosigns, what it refuses, and what it remembers."""

from __future__ import annotations

import ast
import http.client
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from audit.rules.notes import CheckpointText, Signature, SignedNote, VerifierKey, cosigned_at, is_signature, signed
from audit.witness.__main__ import main
from audit.witness.judging import TREE_SIZE, Witness
from audit.witness.memory import FORK, MOST_BAD_PROOFS, Memory
from audit.witness.notes import Checkpoint, LogKey, Malformed, NotSigned, WitnessKey
from audit.witness.proofs import EMPTY_TREE, continues
from tests.audit.witnessing import ORIGIN, ROOT, SEED, SmallLog, WitnessProcess, offer, post

NOW = 1_800_000_000
# The tree of RFC 6962's reference implementation: eight leaves, their roots.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def plain_root(hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it is written there."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + plain_root(hashes[:split]) + plain_root(hashes[split:])).digest()


def plain_proof(old: int, hashes: list[bytes], is_whole: bool = True) -> list[bytes]:
    """RFC 9162, 2.1.4.1, as it is written there: SUBPROOF."""
    if old == len(hashes):
        return [] if is_whole else [plain_root(hashes)]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if old <= split:
        return [*plain_proof(old, hashes[:split], is_whole), plain_root(hashes[split:])]
    return [*plain_proof(old - split, hashes[split:], False), plain_root(hashes[:split])]


def test_the_plain_tree_is_the_reference_tree() -> None:
    hashes = [sha256(b"\x00" + bytes.fromhex(one)).digest() for one in LEAVES]
    assert [plain_root(hashes[:size]).hex() for size in range(1, 9)] == ROOTS[1:]
    assert EMPTY_TREE.hex() == ROOTS[0]


def test_a_proof_by_hand() -> None:
    """From 3 to 7 leaves: leaf 2, leaf 3, the root of 0–1, the root of 4–6 (RFC 9162, 2.1.5)."""
    leaf = [sha256(b"\x00" + bytes.fromhex(one)).digest() for one in LEAVES]
    node = lambda left, right: sha256(b"\x01" + left + right).digest()  # noqa: E731
    path = [leaf[2], leaf[3], node(leaf[0], leaf[1]), node(node(leaf[4], leaf[5]), leaf[6])]
    assert continues(3, bytes.fromhex(ROOTS[3]), 7, bytes.fromhex(ROOTS[7]), path)


@pytest.mark.parametrize("new", range(1, 20))
def test_every_proof_holds_and_no_bent_one_does(new: int) -> None:
    hashes = [sha256(b"\x00" + bytes([number])).digest() for number in range(new)]
    after = plain_root(hashes)
    for old in range(1, new + 1):
        before, path = plain_root(hashes[:old]), plain_proof(old, hashes)
        assert continues(old, before, new, after, path)
        assert not continues(old, sha256(b"other").digest(), new, after, path)
        assert not continues(old, before, new, sha256(b"other").digest(), path)
        assert not continues(old, before, new, after, [*path, sha256(b"more").digest()])
        assert not continues(new + 1, before, new, after, path)
        for place in range(len(path)):
            assert not continues(old, before, new, after, path[:place] + path[place + 1 :])
            bent = [*path[:place], sha256(path[place]).digest(), *path[place + 1 :]]
            assert not continues(old, before, new, after, bent)


def test_anything_continues_nothing() -> None:
    root = sha256(b"any").digest()
    assert continues(0, EMPTY_TREE, 5, root, [])
    assert not continues(0, EMPTY_TREE, 5, root, [root])
    assert not continues(0, root, 5, root, [])
    assert not continues(-1, EMPTY_TREE, 5, root, [])


def test_a_note_of_another_implementation() -> None:
    """The example in the documentation of Go's sumdb/note."""
    key = LogKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    signature = Signature.parse(line)
    parsed = (signature.name, signature.key_hash, signature.raw)
    Checkpoint(key.name, 0, b"", text, "", (parsed,)).check_signed_by([key])
    with pytest.raises(NotSigned, match="wrong"):
        Checkpoint(key.name, 0, b"", text.replace("don't", "do"), "", (parsed,)).check_signed_by([key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "log.example\n1\n",
        "log.example\n1\n{root}\n\n",
        "log.example\n1\n{root}\n\n— log.example AAAA",
        "log.example\n1\n{root}\n\nlog.example AAAAAAAA\n",
        "log.example\n1\n{root}\n\n— log example AAAAAAAA\n",
        "log.example\n1\n{root}\n\n— log.example AAAA\n",
        "log.example\n1\n{root}\n\n— log+example AAAAAAAA\n",
        "log.example\n01\n{root}\n\n— log.example AAAAAAAA\n",
        "log.example\n-1\n{root}\n\n— log.example AAAAAAAA\n",
        "log.example\n٣\n{root}\n\n— log.example AAAAAAAA\n",
        "log.example\n9223372036854775808\n{root}\n\n— log.example AAAAAAAA\n",
        "log.example\n1\nAAAA\n\n— log.example AAAAAAAA\n",
        "log.example\n1\n{root}=\n\n— log.example AAAAAAAA\n",
        "log.example\n\n1\n{root}\n\n— log.example AAAAAAAA\n",
        "log.example\r\n1\n{root}\n\n— log.example AAAAAAAA\n",
        "log.example\n1\n{root}\n\n" + "— log.example AAAAAAAA\n" * 65,
    ],
)
def test_what_is_no_checkpoint(note: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(note.replace("{root}", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="))


def test_keys_are_read_with_care() -> None:
    good = SmallLog().key.text
    assert LogKey.parse(good).text == good
    name, identity, material = good.split("+", 2)
    for bad in (name, f"{name}+{identity}", f"{name}+00000000+{material}", f"+{identity}+{material}", f"{good}A"):
        with pytest.raises(Malformed):
            LogKey.parse(bad)


def test_a_key_file_is_its_owner_s_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = WitnessKey.generate("w.example", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert WitnessKey.read(path).public_text == made.public_text
    with pytest.raises(FileExistsError):
        WitnessKey.generate("w.example", path)
    path.write_text(path.read_text().replace("w.example", "v.example"))
    with pytest.raises(Malformed, match="damaged"):
        WitnessKey.read(path)
    path.write_text(SmallLog().key.text)
    with pytest.raises(Malformed, match="no key of a witness"):
        WitnessKey.read(path)
    with pytest.raises(Malformed):
        WitnessKey.generate("two words", tmp_path / "other")


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    key = WitnessKey.generate("witness.example/w1", tmp_path / "key")
    memory = Memory(tmp_path / "memory")
    yield Witness(key, [LogKey.parse(SmallLog().key.text)], memory, clock=lambda: NOW)
    memory.close()


def known(witness: Witness) -> int:
    found = witness.memory.known(ORIGIN)
    return found.size if found else 0


def test_it_cosigns_what_grows(witness: Witness) -> None:
    log, before = SmallLog().grow_to(40), 0
    for size in (1, 2, 3, 7, 8, 9, 32, 33, 40):
        reply = witness.add_checkpoint(log.offer(before, size))
        assert reply.status == 200, reply.body
        (line,) = reply.body.splitlines()
        checked, text = Signature.parse(line), SignedNote.parse(log.note(size)).text
        assert is_signature(checked, VerifierKey.parse(witness.key.public_text), text)
        assert cosigned_at(checked) == NOW
        before = size
    assert known(witness) == 40


def test_the_same_checkpoint_again_is_cosigned_again(witness: Witness) -> None:
    log = SmallLog().grow_to(5)
    assert witness.add_checkpoint(log.offer(0, 5)).status == 200
    assert witness.add_checkpoint(log.offer(5, 5)).status == 200
    assert witness.add_checkpoint(log.offer(5, 5, [log.leaves[0]])).status == 422


def test_another_old_size_is_told_the_right_one(witness: Witness) -> None:
    log = SmallLog().grow_to(9)
    reply = witness.add_checkpoint(log.offer(3, 9))
    assert (reply.status, reply.body, reply.kind) == (409, "0\n", TREE_SIZE)
    witness.add_checkpoint(log.offer(0, 5))
    for old, new in ((0, 9), (3, 9), (6, 9), (3, 4), (0, 5)):
        reply = witness.add_checkpoint(log.offer(old, new))
        assert (reply.status, reply.body, reply.kind) == (409, "5\n", TREE_SIZE), (old, new)
    assert known(witness) == 5
    assert witness.memory.refusals(ORIGIN) == []


def test_a_fork_of_the_same_size_is_refused_and_kept_as_a_proof(witness: Witness) -> None:
    log, other = SmallLog().grow_to(6), SmallLog().grow_to(5).grow("another")
    witness.add_checkpoint(log.offer(0, 6))
    for old in (6, 0):
        reply = witness.add_checkpoint(offer(old, [], other.note(6)))
        assert (reply.status, reply.body, reply.kind) == (409, "6\n", TREE_SIZE)
    (kept,) = witness.memory.refusals(ORIGIN)
    assert (kept.why, kept.size, kept.root, kept.note) == (FORK, 6, other.root(6), other.note(6))
    assert other.note(6).splitlines()[2] in witness.describe()
    assert witness.memory.known(ORIGIN).root == log.root(6)  # type: ignore[union-attr]


def test_a_wrong_proof_is_refused(witness: Witness) -> None:
    log, other = SmallLog().grow_to(12), SmallLog().grow_to(12, "other")
    witness.add_checkpoint(log.offer(0, 5))
    right = log.proof(5, 12)
    for body in (
        offer(5, right[:-1], log.note(12)),
        offer(5, [*right[1:], right[0]], log.note(12)),
        offer(5, [], log.note(12)),
        other.offer(5, 12),
        offer(5, right, other.note(12)),
    ):
        assert witness.add_checkpoint(body).status == 422
    assert known(witness) == 5
    assert witness.add_checkpoint(log.offer(5, 12)).status == 200


def test_wrong_proofs_of_others_do_not_fill_the_disk(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_BAD_PROOFS > 1000
    monkeypatch.setattr("audit.witness.memory.MOST_BAD_PROOFS", 2)
    log = SmallLog().grow_to(9)
    witness.add_checkpoint(log.offer(0, 4))
    for size in (5, 6, 7, 7, 8):
        assert witness.add_checkpoint(offer(4, [], log.note(size))).status == 422
    assert witness.add_checkpoint(offer(4, [], SmallLog().grow_to(4, "x").note(4))).status == 409
    assert [one.why for one in witness.memory.refusals(ORIGIN)] == [FORK, "bad proof", "bad proof"]


def test_who_signed(witness: Witness) -> None:
    log = SmallLog().grow_to(3)
    stranger = SmallLog(seed=bytes(32)).grow_to(3)
    assert witness.add_checkpoint(stranger.offer(0, 3)).status == 403
    unknown = SmallLog(origin="other.example/log").grow_to(3)
    assert witness.add_checkpoint(unknown.offer(0, 3)).status == 404
    # A signature in the name of a known key that is wrong spoils the whole.
    text = str(CheckpointText(ORIGIN, 3, log.root(3)))
    right = signed(text, seeds=[SEED], name=ORIGIN).signatures[0]
    wrong = Signature(right.name, right.key_hash, bytes(64))
    for signatures in ((wrong,), (right, wrong)):
        assert witness.add_checkpoint(offer(0, [], str(SignedNote(text, signatures)))).status == 403
    foreign = stranger_signature(text)
    assert witness.add_checkpoint(offer(0, [], str(SignedNote(text, (foreign, right))))).status == 200
    assert known(witness) == 3


def stranger_signature(text: str) -> Signature:
    return signed(text, seeds=[bytes(32)], name="stranger.example").signatures[0]


def test_a_new_key_takes_over_while_the_witness_knows_both(witness: Witness) -> None:
    new = SmallLog(seed=b"n" * 32).grow_to(9)
    witness.logs = [*witness.logs, LogKey.parse(new.key.text)]
    assert witness.add_checkpoint(SmallLog().grow_to(9).offer(0, 4)).status == 200
    assert witness.add_checkpoint(new.offer(4, 9)).status == 200


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda body: b"", "a line"),
        (lambda body: b"\xff" + body, "UTF-8"),
        (lambda body: body.replace(b"old 0\n", b"old\n"), "a line"),
        (lambda body: body.replace(b"old 0\n", b"old 00\n"), "no tree size"),
        (lambda body: body.replace(b"old 0\n", b"old -1\n"), "no tree size"),
        (lambda body: body.replace(b"old 0\n", b"old 4\n"), "larger"),
        (lambda body: body.replace(b"old 0\n", b"old 1\nAAAA\n"), "32 bytes"),
        (lambda body: body.replace(b"old 0\n", b"old 1\n!\n"), "base64"),
        (lambda body: body.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n"), "empty"),
        (lambda body: body.replace(b"old 0\n", b"old 1\n" + (b"A" * 43 + b"=\n") * 64), "63"),
        (lambda body: body.replace(b"\n\n", b"\n", 1), "empty"),
    ],
)
def test_what_is_no_offer(witness: Witness, change: object, told: str) -> None:
    body = change(SmallLog().grow_to(3).offer(0, 3))  # type: ignore[operator]
    reply = witness.add_checkpoint(body)
    assert (reply.status, told in reply.body) == (400, True), reply
    assert known(witness) == 0


def test_it_uses_no_code_of_the_service(tmp_path: Path) -> None:
    """Copied to an empty folder it runs, and what it imports is the standard library, cryptography and itself."""
    files = list((ROOT / "audit/witness").glob("*.py"))
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [str(node.module)]
            else:
                continue
            for name in names:
                first = name.partition(".")[0]
                assert first in {*sys.stdlib_module_names, "cryptography"}, f"{path.name} imports {name}"
    assert len(files) == 7
    shutil.copytree(ROOT / "audit/witness", tmp_path / "witness", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "witness", "--generate-key", "w.example", "key"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"w\.example\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}\n", done.stdout)


def test_a_mistake_in_the_command_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, state = tmp_path / "key", tmp_path / "memory"
    assert main(["--generate-key", "w.example", str(key)]) == 0
    capsys.readouterr()
    base = ["--key", str(key), "--state", str(state)]
    log = ["--log", SmallLog().key.text]
    for words, told in (
        (["--generate-key", "w.example", str(key)], "File exists"),
        (base, "name at least one log"),
        ([*base, "--log", "nonsense"], "name+hash+base64"),
        ([*base, *log, "--listen", "8001"], "HOST:PORT"),
        ([*base[2:], *log, "--key", str(tmp_path / "none")], "No such file"),
    ):
        assert main(words) == 1
        error = capsys.readouterr().err
        assert error.startswith("witness: ")
        assert told in error
        assert error.count("\n") == 1


@pytest.fixture
def running(tmp_path: Path) -> Iterator[WitnessProcess]:
    process = WitnessProcess(tmp_path, SmallLog().key).start()
    yield process
    process.stop()


def test_killed_between_two_requests_it_still_knows(running: WitnessProcess) -> None:
    log, other = SmallLog().grow_to(20), SmallLog().grow_to(20, "other")
    assert post(running.url, log.offer(0, 7))[0] == 200
    assert running.stop(signal.SIGKILL) == -signal.SIGKILL
    running.start()
    assert post(running.url, log.offer(0, 20)) == (409, TREE_SIZE, "7\n")
    assert post(running.url, other.offer(7, 20))[0] == 422
    assert post(running.url, log.offer(7, 20))[0] == 200
    says = running.says()
    assert f"key {running.key.text}\n" in says
    assert f"log {ORIGIN}\n" in says
    assert "cosigned size 20 at " in says
    assert f"root {log.root(20).hex()}" in says
    assert "REFUSED (bad proof) size 20" in says
    assert running.stop() == 0


def test_of_many_at_once_that_continue_the_same_only_one_is_cosigned(running: WitnessProcess) -> None:
    """Each continues the tree of four leaves, none another: cosigning two would be a fork."""
    base = SmallLog().grow_to(4)
    assert post(running.url, base.offer(0, 4))[0] == 200
    offers = [SmallLog().grow_to(4).grow_to(5 + number, f"branch {number}").offer(4, 5 + number) for number in range(8)]
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda body=one: statuses.append(post(running.url, body)[0])) for one in offers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[409] * 7]


def test_what_http_says_to_the_rest(running: WitnessProcess) -> None:
    host, port = running.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    log = SmallLog().grow_to(3)
    for method, path, body, headers, status in (
        ("GET", "/nothing", None, {}, 404),
        ("POST", "/nothing", b"old 0\n", {}, 404),
        ("POST", "/add-checkpoint", b"", {}, 400),
        ("POST", "/add-checkpoint", log.offer(0, 3), {}, 200),  # on the same connection
        ("PUT", "/add-checkpoint", b"", {}, 501),
        ("POST", "/add-checkpoint", None, {"Content-Length": "200000"}, 413),
        ("POST", "/add-checkpoint", None, {"Content-Length": "many"}, 411),
    ):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        assert response.status == status, (method, path, headers)
        response.read()
    connection.close()
