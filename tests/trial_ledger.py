"""Which trials have run at which commit, and the page of them: docs/trials.md."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

_HEAD = """# Trials

Written by `make trials`: every test marked `trial`, at full count, as it last ran.
No failure in N trials bounds the failure rate at 3/N (95 %).

| test | trials | outcome | seconds | date | commit |
|---|---|---|---|---|---|
"""


class Ledger:
    """One JSON line for each test, appended as it ends, so that trials may be resumed where they were stopped."""

    def __init__(self, root: Path) -> None:
        git = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
        self.root = root
        self.commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "none"
        self.path = root / ".trials" / "ledger.jsonl"

    def rows(self) -> list[dict[str, str | int | float]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def done(self) -> set[str]:
        return {str(r["test"]) for r in self.rows() if r["outcome"] == "passed" and r["commit"] == self.commit}

    def record(self, test: str, count: int, outcome: str, seconds: float) -> None:
        self.path.parent.mkdir(exist_ok=True)
        row = {"test": test, "trials": count, "outcome": outcome, "seconds": round(seconds, 1)}
        row |= {"date": time.strftime("%Y-%m-%d"), "commit": self.commit}
        with open(self.path, "a") as file:
            file.write(json.dumps(row) + "\n")

    def write_report(self, page: Path) -> None:
        """Put the latest of every test into the page. What it says of tests that ran elsewhere stays as it is."""
        lines = {test: line for test, line in _lines_of(page).items() if self._exists(test)}
        for r in self.rows():
            cells = (r["test"], f"{r['trials']:,}", r["outcome"], r["seconds"], r["date"], r["commit"])
            lines[str(r["test"])] = f"| {' | '.join(map(str, cells))} |"
        page.parent.mkdir(exist_ok=True)
        page.write_text(_HEAD + "".join(f"{lines[test]}\n" for test in sorted(lines)))

    def _exists(self, test: str) -> bool:
        """Whether a test of this name can still be run."""
        file, _, name = test.partition("::")
        return (self.root / file).is_file() and f"def {name.partition('[')[0]}(" in (self.root / file).read_text()


def _lines_of(page: Path) -> dict[str, str]:
    """The lines of a page by the test each is about."""
    lines = page.read_text().splitlines() if page.exists() else []
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if "::" in line.split(" | ")[0]}
