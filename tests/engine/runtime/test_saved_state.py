from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.runtime.saved_state import pack, unpack

BELONGS = {"runtime": "llama", "model": "ab", "flash_attention": None}


@pytest.mark.parametrize("ids", [[], [1], [0, 2**31 - 1, 7]])
def test_round_trip(ids: list[int]) -> None:
    assert unpack(pack(BELONGS, ids, b"payload"), BELONGS, most=3) == (ids, b"payload")


def test_another_model_or_option() -> None:
    state = pack(BELONGS, [1], b"x")
    for other in (BELONGS | {"model": "cd"}, BELONGS | {"flash_attention": False}, BELONGS | {"more": 1}, {}):
        with pytest.raises(EngineError) as caught:
            unpack(state, other, most=10)
        assert caught.value.code == "bad_state"


def test_more_ids_than_room() -> None:
    with pytest.raises(EngineError):
        unpack(pack(BELONGS, [1, 2, 3], b""), BELONGS, most=2)


def test_every_cut_and_every_changed_byte_is_noticed() -> None:
    state = pack(BELONGS, [1, 2], b"payload")
    damaged = [state[:length] for length in range(len(state))]
    damaged += [state[:i] + bytes([state[i] ^ bit]) + state[i + 1 :] for i in range(len(state)) for bit in (1, 32, 128)]
    for content in damaged:
        try:
            result = unpack(content, BELONGS, most=10)
        except EngineError as error:
            assert error.code == "bad_state"  # noqa: PT017
        else:  # a space added to or a letter changed in the JSON may leave its meaning
            assert result == ([1, 2], b"payload")


@pytest.mark.parametrize("header", [b"[]", b"7", b'{"ids": "2"}', b'{"ids": -1}', b"{", b"[" * 100_000])
def test_headers_that_are_not_ours(header: bytes) -> None:
    with pytest.raises(EngineError):
        unpack(b"SEEDKV01" + len(header).to_bytes(4, "little") + header, BELONGS, most=10)
