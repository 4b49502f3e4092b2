"""Rows of tokens on disk: as they were written, whatever their number, and batches of them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from engine.data.items import NO_LOSS
from engine.data.token_rows import Rows, RowWriter


@pytest.mark.trial(sample=50, full=2000)
def test_rows_come_back_as_they_were_written(trials: range, tmp_path: Path) -> None:
    for seed in trials:
        chance = random.Random(seed)
        written = []
        with RowWriter(tmp_path, chance.choice([np.uint16, np.uint32])) as writer:
            for _ in range(chance.randrange(30)):
                length = chance.choice([0, 1, 2, 50])
                row = [chance.randrange(60_000) for _ in range(length)], [chance.random() < 0.5 for _ in range(length)]
                writer.add(*row)
                written.append(row)
            assert len(writer) == len(written)
        for mapped in (True, False):
            rows = Rows.open(tmp_path, mapped)
            found = [
                (rows.ids[a:b].tolist(), rows.loss[a:b].tolist())
                for a, b in zip(rows.starts[:-1], rows.starts[1:], strict=True)
            ]
            assert found == written
            assert rows.lengths.tolist() == [len(ids) for ids, _ in written]


def test_any_length_fits_into_the_header(tmp_path: Path) -> None:
    with RowWriter(tmp_path, np.uint16) as writer:
        writer.ids.length = 10**15 - 1  # as if so many had been written
        writer.ids.append([7])
    with open(tmp_path / "ids.npy", "rb") as file:
        np.lib.format.read_magic(file)
        shape, _, _ = np.lib.format.read_array_header_1_0(file)
        assert shape == (10**15,)
        assert file.read() == b"\7\0"


def test_a_batch_is_padded_on_the_right_and_shifted(tmp_path: Path) -> None:
    with RowWriter(tmp_path, np.uint16) as writer:
        writer.add([1, 2, 3, 4], [True, False, True, True])
        writer.add([5, 6], [False, True])
    ids, labels = Rows.open(tmp_path).padded(np.array([1, 0]))
    assert ids.tolist() == [[5, 0, 0], [1, 2, 3]]
    assert labels.tolist() == [[6, NO_LOSS, NO_LOSS], [NO_LOSS, 3, 4]]
