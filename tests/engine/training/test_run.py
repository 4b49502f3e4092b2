"""The journals of a run: each step once, whatever a kill left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.training.run import Journal, Run, read_journal


def test_lines_after_the_checkpoint_go(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "loss": 0.1}\n{"step": 2, "loss": 0.2}\n{"step": 3, "loss": 0.3}\n{"step": 4, "lo')
    journal = Journal(path, 2)
    journal.add(3, loss=1 / 3)
    assert [line["step"] for line in read_journal(path)] == [1, 2, 3], "written at once, not at the end"
    journal.close()
    assert read_journal(path)[2]["loss"] == 1 / 3


@pytest.mark.parametrize("rest", [b'{"step": 3', b"null\n", b'{"loss": 1}\n', b"\x00" * 100, b"\xff\xfe\n"])
def test_what_is_no_line_is_dropped(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2}\n' + rest)
    Journal(path, 5).close()
    assert path.read_bytes() == b'{"step": 1}\n{"step": 2}\n'


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b'{"config": {"shape": "x"}}'])
def test_another_folder_is_no_run(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
        (tmp_path / "recipe.toml").write_text('method = "pretrain"\ndata = "a.txt"\n')
    with pytest.raises(EngineError) as caught:
        Run.open(tmp_path)
    assert caught.value.code == "not_a_run"
