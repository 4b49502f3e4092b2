"""What loads teach about this machine."""

import json
from pathlib import Path

import pytest

from engine import files
from engine.library import learned
from engine.library.memory_fit import Need

NEED = Need(weights=1000, cache=500, compute=80, overhead=20, mapped=900)


def load(*ratios: float) -> None:
    """As many loads, whose rest was so many times what was predicted."""
    for ratio in ratios:
        learned.record(NEED, 1500 + round(100 * ratio))


def test_the_median_of_three_loads_corrects_what_is_not_counted_exactly() -> None:
    load(1.2, 1.3)
    assert learned.corrected(NEED) == NEED
    load(1.8)
    assert learned.corrected(NEED) == Need(weights=1000, cache=500, compute=104, overhead=26, mapped=900)


def test_one_odd_load_changes_nothing() -> None:
    load(1.1, 1.1, 4.9)
    assert learned.corrected(NEED).total == 1610


def test_what_cannot_be_is_not_learned(home: Path) -> None:
    load(-3.0, 0.0, 0.1, 6.0, 1000.0)
    learned.record(Need(1, 1, 0, 0), 5)
    assert not (home / "memory_fit.json").exists()


@pytest.mark.parametrize(("ratio", "total"), [(4.0, 1700), (0.25, 1550)])
def test_a_correction_has_bounds(ratio: float, total: int) -> None:
    load(*[ratio] * 5)
    assert learned.corrected(NEED).total == total


def test_only_the_last_loads_count(home: Path) -> None:
    (home / "memory_fit.json").write_text(json.dumps({"format": 1, "ratios": [1.9] * 27 + [1.1] * 23}))
    load(1.1, 1.1, 1.1)
    assert learned.corrected(NEED).total == 1610
    assert len(json.loads((home / "memory_fit.json").read_text())["ratios"]) == 50


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1.5]", "null", '{"format": 2, "ratios": [1.5, 1.5, 1.5]}', '{"format": 1, "ratios": {}}', "[" * 99_999,
     '{"format": 1, "ratios": ["1.5", null, true, [], 1e999, NaN, -1, 77]}'],
)  # fmt: skip
def test_a_damaged_file_begins_again(home: Path, content: str) -> None:
    (home / "memory_fit.json").write_text(content)
    assert learned.corrected(NEED) == NEED
    load(1.5, 1.5, 1.5)
    assert learned.corrected(NEED).total == 1650


def test_a_full_disk_keeps_nobody_from_chatting(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_json", full)
    load(1.5)
