"""The page of trials says what ran last, wherever it ran."""

from __future__ import annotations

from pathlib import Path

from trial_ledger import Ledger


def test_rows_of_other_machines_stay_and_newer_ones_take_their_place(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_one(): ...\ndef test_two(): ...\ndef test_three(): ...\n")
    page, here, there = tmp_path / "docs" / "trials.md", Ledger(tmp_path), Ledger(tmp_path)
    there.path = tmp_path / "elsewhere" / "ledger.jsonl"
    for name in ("one[a]", "two", "gone"):
        there.record(f"tests/test_a.py::test_{name}", 1000, "passed", 1.25)
    there.record("tests/test_b.py::test_one", 1000, "passed", 1.25)
    there.write_report(page)
    here.record("tests/test_a.py::test_two", 30, "failed", 7)
    here.record("tests/test_a.py::test_three", 20, "passed", 7)
    here.record("tests/test_a.py::test_two", 20, "passed", 7)
    here.write_report(page)
    here.write_report(page)
    rows = [line.split(" | ")[:4] for line in page.read_text().splitlines() if "test_" in line]
    assert rows == [
        ["| tests/test_a.py::test_one[a]", "1,000", "passed", "1.2"],
        ["| tests/test_a.py::test_three", "20", "passed", "7"],
        ["| tests/test_a.py::test_two", "20", "passed", "7"],
    ]


def test_what_has_passed_at_this_commit_is_not_run_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record("passed", 1, "passed", 1)
    ledger.record("failed", 1, "failed", 1)
    assert ledger.done() == {"passed"}
    ledger.commit = "another"
    assert ledger.done() == set()
