"""A run's files as they grow, are cut short, are written again and are damaged; all off the window's thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from watched_runs import figures, write_checkpoint, write_run

from app.training.watch.following import Follower, News
from engine.training import runs


@pytest.fixture
def follower(qtbot: QtBot) -> Iterator[Follower]:
    follower = Follower()
    yield follower
    follower.close()


def next_news(qtbot: QtBot, follower: Follower, action: Any) -> News:
    with qtbot.wait_signal(follower.came, timeout=20_000) as came:
        action()
    news: News = came.args[0]
    return news


def add(path: Path, *rows: dict[str, Any], end: str = "\n") -> None:
    with open(path, "a") as file:
        file.write("\n".join(map(json.dumps, rows)) + end)


def test_everything_of_a_run_comes_at_once(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "classify", parent="/models/ZP")
    news = next_news(qtbot, follower, lambda: follower.follow(run))
    assert (news.info.state, news.info.method, news.info.done, news.info.parent_name) == ("done", "classify", 200, "ZP")
    assert {"loss", "val_loss", "lr", "accuracy", "memory"} <= set(news.figures)
    steps, values = news.figures["val_loss"]
    assert (len(steps), steps[-1]) == (20, 200)
    assert [step for step, _ in news.samples] == [50, 100, 150, 200]
    assert [(step, path.name, loss) for step, path, loss in news.checkpoints] == [
        (150, "step-00000150", values[14]),
        (200, "step-00000200", values[19]),
    ]
    assert news.confusion is not None
    assert (news.confusion.step, news.confusion.labels) == (200, ("ZA", "ZB", "ZC"))
    assert news.latest["step"] == 200


def test_what_is_new_comes_alone(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", done=100, state="running")
    next_news(qtbot, follower, lambda: follower.follow(run))
    rows = figures("pretrain", 120)[100:]
    add(run / "metrics.jsonl", *rows, {"step": 121, "loss": 1.0}, end="")  # the last line is half written
    write_checkpoint(run, 120)
    news = next_news(qtbot, follower, follower.look)
    assert news.figures["loss"][0].tolist() == [float(step) for step in range(101, 121)]
    assert not news.figures_again
    assert news.samples == []
    assert news.checkpoints[-1][0] == 120
    add(run / "metrics.jsonl", {"step": 122, "loss": 1.0}, end="\n")
    news = next_news(qtbot, follower, follower.look)
    assert not news.figures or news.figures["loss"][0].tolist() != [101.0]


def test_a_resumed_run_begins_again(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", done=100, state="running")
    next_news(qtbot, follower, lambda: follower.follow(run))
    kept = (run / "metrics.jsonl").read_text().splitlines()[:50]
    (run / "metrics.jsonl").write_text("\n".join([*kept, json.dumps({"step": 51, "loss": 9.0})]) + "\n")
    news = next_news(qtbot, follower, follower.look)
    assert news.figures_again
    assert news.figures["loss"][0].tolist() == [float(step) for step in range(1, 52)]
    assert news.figures["loss"][1][-1] == 9
    assert not news.samples_again


def test_warnings_are_found(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    rows = [{"step": step, "loss": 0.0, "lr": 1e-3, "grad_norm": 0.0} for step in range(1, 10)]
    run = write_run(tmp_path / "run", rows=rows)
    news = next_news(qtbot, follower, lambda: follower.follow(run))
    assert [advice.code for advice in news.warnings] == ["empty_mask"]


def test_a_folder_that_is_none_has_a_problem(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").mkdir()  # cannot be read as a file
    news = next_news(qtbot, follower, lambda: follower.follow(tmp_path / "run"))
    assert news.info.problem
    news = next_news(qtbot, follower, lambda: follower.follow(tmp_path / "missing"))
    assert news.info.state == "broken"


def test_labels_that_cannot_be_read_are_numbers(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "classify")
    (run / "data" / "labels.json").write_text("[[[")
    news = next_news(qtbot, follower, lambda: follower.follow(run))
    assert news.confusion is not None
    assert news.confusion.labels == ("0", "1", "2")


def test_files_are_read_on_another_thread(
    qtbot: QtBot, follower: Follower, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()
    known = runs.run_info

    def noted(folder: Path) -> runs.RunInfo:
        threads.add(threading.current_thread())
        return known(folder)

    monkeypatch.setattr(runs, "run_info", noted)
    next_news(qtbot, follower, lambda: follower.follow(write_run(tmp_path / "run")))
    assert threads
    assert threading.main_thread() not in threads


def test_news_of_a_run_that_is_no_longer_followed_do_not_come(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    one, other = write_run(tmp_path / "one"), write_run(tmp_path / "other")
    came: list[News] = []
    follower.came.connect(came.append)
    follower.follow(one)
    follower.follow(other)
    qtbot.wait_until(lambda: bool(came), timeout=20_000)
    qtbot.wait(50)
    assert {news.info.name for news in came} == {"other"}


def test_it_looks_by_itself_while_wanted(qtbot: QtBot, follower: Follower, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", done=100, state="running")
    next_news(qtbot, follower, lambda: follower.follow(run))
    add(run / "metrics.jsonl", {"step": 101, "loss": 1.0})
    news = next_news(qtbot, follower, lambda: follower.keep_looking(True))
    assert news.figures["loss"][0].tolist() == [101.0]
    follower.keep_looking(False)
    qtbot.wait(50)
    with qtbot.assert_not_emitted(follower.came, wait=700):
        add(run / "metrics.jsonl", {"step": 102, "loss": 1.0})
