"""What is sealed by the batch is what `members.fields` reads and makes."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from members.fields import EncryptedTextField, blind_index, cipher
from members.imports.sealing import BlindIndexer, Sealer

KEY = Fernet.generate_key()
AT = 1_700_000_000


@given(st.lists(st.text(max_size=80).map(str.encode)))
def test_fernet_opens_every_token_and_finds_its_time(values: list[bytes]) -> None:
    tokens = Sealer(KEY).seal(values, AT)

    assert [Fernet(KEY).decrypt(token) for token in tokens] == values
    assert all(Fernet(KEY).extract_timestamp(token) == AT for token in tokens)


@given(st.integers(0, 70))
def test_a_token_is_as_long_and_made_up_as_fernet_makes_it(length: int) -> None:
    value = b"x" * length
    ours, theirs = Sealer(KEY).seal([value], AT)[0].encode(), Fernet(KEY).encrypt_at_time(value, AT)

    assert len(ours) == len(theirs)
    assert base64.urlsafe_b64decode(ours)[:9] == base64.urlsafe_b64decode(theirs)[:9]


def test_fernet_itself_makes_the_same_token_of_the_same_iv() -> None:
    """Fernet's own private step that takes the IV: nothing but the IV differs from one token to another."""
    token = Sealer(KEY).seal([b"Wang Xiaoming"], AT)[0].encode()
    iv = base64.urlsafe_b64decode(token)[9:25]

    assert Fernet(KEY)._encrypt_from_parts(b"Wang Xiaoming", AT, iv) == token


def test_equal_values_get_different_ivs_in_a_batch_and_between_batches() -> None:
    sealer = Sealer(KEY)
    tokens = [*sealer.seal([b"same"] * 500, AT), *sealer.seal([b"same"] * 500, AT)]
    ivs = {base64.urlsafe_b64decode(token)[9:25] for token in tokens}

    assert len(ivs) == 1000


def test_the_newest_of_several_keys_encrypts_and_the_field_reads_it() -> None:
    older = Fernet.generate_key()
    token = Sealer(KEY).seal(["王小明".encode()], AT)[0]

    assert MultiFernet([Fernet(KEY), Fernet(older)]).decrypt(token) == "王小明".encode()
    with pytest.raises(InvalidToken):
        Fernet(older).decrypt(token)
    own = Sealer(settings.PERSONAL_DATA_KEYS[0]).seal(["王小明".encode()], AT)[0]
    assert cipher().decrypt(own).decode() == "王小明"
    assert EncryptedTextField().from_db_value(own, None, None) == "王小明"


def test_a_token_that_was_touched_is_refused() -> None:
    token = Sealer(KEY).seal([b"Wang Xiaoming"], AT)[0]
    for place in (1, 20, len(token) - 4):
        touched = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(InvalidToken):
            Fernet(KEY).decrypt(touched)


@given(st.sampled_from(["id_number", "phone", "address", "employer"]), st.text(max_size=60))
def test_blind_indexes_are_those_of_the_model(purpose: str, value: str) -> None:
    indexer = BlindIndexer(settings.BLIND_INDEX_KEY)

    assert indexer.index(purpose, value) == blind_index(purpose, value)
    assert indexer.index_shared(purpose, value) == blind_index(purpose, value)


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_keys_of_any_length(length: int, settings: object) -> None:
    settings.BLIND_INDEX_KEY = b"k" * length  # type: ignore[attr-defined]

    assert BlindIndexer(b"k" * length).index("phone", "１３９ 0000") == blind_index("phone", "1390000")
