"""The jobs `index` and `tokens`: the card, its folder, what is used again, and that nothing a file holds is fatal."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import paths
from engine.data import index_folders, index_rows
from engine.data.index import ABOUT, CARD, RowIndex
from engine.data.inspection import bounded
from engine.events import Event, Failed, Finished, Progress, Started, TokenSample, from_json, to_window
from engine.jobs import JobContext, find, run
from engine.phrases import Phrase, joined, phrase, unpacked
from engine.worker import MAX_LINE_BYTES


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def asked(n: int, **more: Any) -> dict[str, Any]:
    return {"instruction": f"Say the number {n}.", "output": f"The number you want is {n}.", **more}


def events(job: str, **params: Any) -> list[Event]:
    found = list(run(find(job), params, JobContext()))
    for event in found:
        assert len(to_window(event, 1)) < MAX_LINE_BYTES, "the window takes no longer line"
    return found


def index(*data: Path, **params: Any) -> dict[str, Any]:
    *_, last = events("index", data=list(map(str, data)), **params)
    assert isinstance(last, Finished), last
    assert last.reason == "done"
    return last.stats


def rows(card: dict[str, Any]) -> list[dict[str, Any]]:
    with RowIndex.open(card["folder"]) as found:
        assert len(found) == card["rows"]
        return found.rows(0, len(found))


# --- the card --------------------------------------------------------------------------------------------------------


def test_the_card_says_what_there_is(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *map(asked, range(50)), "{", asked(3), asked(51, output="x" * 5000))
    _, started, *_, last = events("index", data=[str(path)], held_back=0.1)
    assert isinstance(started, Started)
    assert isinstance(last, Finished)
    card, folder = last.stats, Path(started.data["folder"])
    assert (card["rows"], card["rejected"], card["cut"], card["held_back"]) == (52, 1, 1, 5)
    assert (card["kind"], card["detected"]["format"], card["files"]) == ("conversation", "Alpaca", [str(path)])
    report = card["report"]
    assert (report["rows"], report["read"], report["rejected"], report["duplicates"]) == (53, 52, 1, 1)
    assert report["also_in_evaluation"] == 1, "row 4 stands in the share that is held back as well"
    assert "line 51, was left out: not valid JSON" in card["sentences"][0]
    assert [code for code, _ in card["languages"]] == ["en", "und"], "five thousand x are no language"
    assert card["languages_measured"] == 52
    assert (card["lengths"], card["tokens"], card["notes"], card["model"]) == (None, [], [], None)
    assert card["samples"] == rows(card)[:3]
    assert folder == Path(card["folder"])
    assert folder.parent == paths.indexes()
    assert unpacked(json.loads((folder / CARD).read_text())) == json.loads(json.dumps(card))
    with RowIndex.open(folder) as found:
        assert found.card is not None
        assert [(row["file"], row["line"]) for row in found.rejected(0, 9)] == [("a.jsonl", 51)]
        assert found.row(50)["line"] == 52


def test_what_a_model_would_learn(tmp_path: Path, tiny_model: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *map(asked, range(10)), asked(11, output="x" * 3000))
    card = index(path, model=str(tiny_model), max_length=200)
    lengths = card["lengths"]
    assert (lengths["exact"], lengths["rows"], lengths["measured"], lengths["too_long_rows"]) == (True, 11, 11, 1)
    assert sum(lengths["counts"]) == 11
    assert len(lengths["edges"]) == len(lengths["counts"]) + 1
    assert 0 < lengths["trained_share"] < 1
    assert [sample["row"] for sample in card["tokens"]] == [0, 1, 2]
    assert card["tokens"][0]["segments"][1] == {"text": "The number you want is 0.<|im_end|>", "trained": True}
    again = index(path, model=str(tiny_model), train_on="all", max_length=9)
    assert again["folder"] == card["folder"]
    assert again["lengths"]["trained_share"] > lengths["trained_share"]
    assert again["lengths"]["too_long_rows"] == 11
    assert index(path)["lengths"] is None, "no model was asked for"


def test_lengths_of_a_sample_are_close_and_say_so(tmp_path: Path, tiny_model: Path) -> None:
    chance = random.Random(1)
    path = lines(tmp_path / "a.jsonl", *(asked(n, output="a " * chance.randrange(1, 300)) for n in range(3000)))
    some, whole = (index(path, model=str(tiny_model), max_length=200, all=all)["lengths"] for all in (False, True))
    assert (some["exact"], some["measured"], whole["exact"], whole["measured"]) == (False, 2000, True, 3000)
    assert abs(some["total"] / whole["total"] - 1) < 0.1
    assert abs(some["too_long_rows"] / whole["too_long_rows"] - 1) < 0.15


def test_a_question_is_asked_and_its_answer_taken(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *({"left": f"a {n}", "right": f"b {n}"} for n in range(5)))
    *_, started, last = events("index", data=[str(path)])
    assert isinstance(last, Finished)
    assert isinstance(started, Started)
    assert (last.reason, last.stats["detected"]["kind"], "folder" in started.data) == ("asked", None, False)
    card = index(path, columns={"prompt": "left", "response": "right"})
    assert [m["content"] for m in rows(card)[4]["messages"]] == ["a 4", "b 4"]


def test_several_languages(tmp_path: Path) -> None:
    german = ["Wie komme ich zum Bahnhof?", "Das Wetter ist heute schön.", "Ich hätte gerne einen Kaffee."]
    french = ["Où se trouve la gare ?", "Il fait très beau aujourd'hui.", "Je voudrais un café, merci."]
    english = ["How do I get to the station?", "The weather is fine today.", "I would like a coffee, please."]
    texts = [f"{text} {n}" for n in range(50) for text in (*german * 2, *french, *english)]
    card = index(
        lines(tmp_path / "a.jsonl", *({"text": text} for text in texts), *({"text": f"{n}"} for n in range(60)))
    )
    shares = {code: round(share * 660) for code, share in card["languages"]}
    assert shares == {"de": 300, "en": 150, "fr": 150, "und": 60}
    assert list(shares) == ["de", "en", "fr", "und"]
    assert card["languages_measured"] == 660


# --- its folder ------------------------------------------------------------------------------------------------------


def test_the_same_file_is_not_read_again(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *map(asked, range(20)))
    card = index(path)
    written = Path(card["folder"], "rows.jsonl").stat()
    again = index(path)
    assert again == json.loads(json.dumps(card))
    assert Path(again["folder"], "rows.jsonl").stat().st_mtime_ns == written.st_mtime_ns
    (tmp_path / "there").mkdir()
    moved = path.rename(tmp_path / "there" / "a.jsonl")
    found = index(moved)
    assert (found["folder"], found["files"]) == (card["folder"], [str(moved)])


@pytest.mark.parametrize("change", ["middle", "columns", "kind", "held_back", "evaluation", "name"])
def test_whatever_makes_a_difference_makes_another_index(tmp_path: Path, change: str) -> None:
    body = [asked(n, output="x" * 1000) for n in range(2500)]
    path = lines(tmp_path / "a.jsonl", *body)
    first = index(path)
    params: dict[str, Any] = {
        "columns": {"columns": {"prompt": "output", "response": "instruction"}},
        "kind": {"kind": "conversation"},
        "held_back": {"held_back": 0.1},
        "evaluation": {"evaluation": [str(lines(tmp_path / "e.jsonl", asked(1)))]},
    }.get(change, {})
    if change == "middle":
        with open(path, "r+b") as file:
            file.seek(path.stat().st_size // 2)
            file.write(b"y")
    elif change == "name":
        path = path.rename(tmp_path / "b.jsonl")
    assert index(path, **params)["folder"] != first["folder"]


def test_a_folder_may_be_given(tmp_path: Path) -> None:
    path, folder = lines(tmp_path / "a.jsonl", *map(asked, range(5))), tmp_path / "here"
    card = index(path, folder=str(folder))
    assert Path(card["folder"]) == folder
    (folder / "mine.txt").write_text("keep")
    lines(path, *map(asked, range(7)))
    assert index(path, folder=str(folder))["rows"] == len(rows(index(path, folder=str(folder)))) == 7
    assert (folder / "mine.txt").read_text() == "keep"


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *map(asked, range(30_000)))
    context = JobContext()
    for event in run(find("index"), {"data": [str(path)]}, context):
        if isinstance(event, Progress) and event.done:
            context.cancelled.set()
    assert event == Finished("cancelled")
    assert not list(paths.indexes().iterdir())


def test_an_index_is_kept_though_its_tokens_are_not_counted(tmp_path: Path, tiny_model: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *map(asked, range(600)))
    context = JobContext()
    for event in run(find("index"), {"data": [str(path)], "model": str(tiny_model), "all": True}, context):
        if isinstance(event, Progress) and event.message == "Counting tokens" and event.done:
            context.cancelled.set()
    assert event == Finished("cancelled")
    (folder,) = paths.indexes().iterdir()
    assert index(path)["folder"] == str(folder)


def test_a_broken_end_leaves_nothing(tmp_path: Path) -> None:
    import gzip

    whole = gzip.compress("\n".join(json.dumps(asked(n * 7919)) for n in range(60_000)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:-100])
    last = events("index", data=[str(tmp_path / "a.jsonl.gz")])[-1]
    assert isinstance(last, Failed)
    assert last.code == "data_damaged"
    assert not list(paths.indexes().iterdir())


KILLED = """
import os, sys
from engine.events import Progress
from engine.jobs import JobContext, find, run
for event in run(find("index"), {"data": [sys.argv[1]]}, JobContext()):
    print(event, flush=True)
"""


@pytest.mark.trial(sample=3, full=60)
def test_killed_at_any_instant(trials: range, tmp_path: Path) -> None:
    """An index is whole or absent, and the next one clears up."""
    for seed in trials:
        path = lines(tmp_path / "a.jsonl", asked(seed), *map(asked, range(20_000)))
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        while not child.stdout.readline().startswith("Started"):
            pass
        time.sleep(random.Random(seed).uniform(0, 0.8))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        for folder in paths.indexes().iterdir():
            if (folder / CARD).exists():
                assert json.loads((folder / CARD).read_text())["rows"] == 20_001
            with RowIndex.open(folder) as found:
                shown = found.rows(0, len(found))  # those that were written can be read
                assert [row["row"] for row in shown] == list(range(len(found)))
        card = index(path)
        assert card["rows"] == 20_001
        assert all((folder / CARD).exists() for folder in paths.indexes().iterdir())
        index_folders.remove(Path(card["folder"]))
        assert not list(paths.indexes().iterdir())


def test_the_least_recently_used_go(tmp_path: Path) -> None:
    cards = []
    for number in range(4):
        path = lines(tmp_path / f"{number}.jsonl", *(asked(n, output="x" * 500) for n in range(100)))
        cards.append(Path(index(path)["folder"]))
        os.utime(cards[-1] / CARD, (number + 1, number + 1))
    os.utime(cards[0] / CARD)  # used again
    size = sum(file.stat().st_size for file in cards[0].iterdir())
    index_folders.tidy(cards[3], most_bytes=round(2.5 * size))
    assert [folder.exists() for folder in cards] == [True, False, False, True]
    index_folders.tidy(cards[3], most_bytes=0)
    assert [folder.exists() for folder in cards] == [False, False, False, True]


def test_one_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    card = index(lines(tmp_path / "a.jsonl", asked(1), asked(2)))
    busy, left = (paths.indexes() / f"key-{process}-0" for process in (os.getpid(), 2**22 + 1))
    for folder in (busy, left):
        folder.mkdir()
        (folder / ABOUT).write_text("{}")
    index_folders.tidy(Path(card["folder"]))
    assert (busy.exists(), left.exists()) == (True, False)


# --- tokens ----------------------------------------------------------------------------------------------------------


def tokens(card: dict[str, Any], *numbers: int, **params: Any) -> list[TokenSample]:
    *found, last = events("tokens", folder=card["folder"], rows=list(numbers), **params)
    assert last == Finished("done"), last
    assert all(isinstance(event, TokenSample) for event in found)
    return found  # type: ignore[return-value]


def trained(sample: TokenSample) -> list[str]:
    return [part["text"] for part in sample.segments if part["trained"]]


def test_the_asked_rows_alone(tmp_path: Path, tiny_model: Path) -> None:
    card = index(lines(tmp_path / "a.jsonl", *map(asked, range(30))))
    found = tokens(card, 20, 3, 3, -1, 30, model=str(tiny_model))
    assert [(sample.row, trained(sample)) for sample in found] == [
        (n, [f"The number you want is {n}.<|im_end|>"]) for n in (3, 20)
    ]
    (all_of_it,) = tokens(card, 3, model=str(tiny_model), train_on="all")
    assert trained(all_of_it)[0] == "Say the number 3.<|im_end|>"


def test_a_long_row_is_read_from_the_file(tmp_path: Path, tiny_model: Path) -> None:
    long = "abc " * index_rows.TEXT
    path = lines(tmp_path / "a.jsonl", asked(0), "{", asked(1, output=long), asked(2), asked(3, output="b" + long))
    card = index(path)
    found = tokens(card, 1, 2, 3, model=str(tiny_model))
    assert [sample.row for sample in found] == [1, 2, 3]
    assert trained(found[0]) == [f"{long}<|im_end|>"]
    assert trained(found[2]) == [f"b{long}<|im_end|>"]
    lines(path, asked(0))
    assert trained(tokens(card, 2, model=str(tiny_model))[0]) == ["The number you want is 2.<|im_end|>"]
    last = events("tokens", folder=card["folder"], rows=[1], model=str(tiny_model))[-1]
    assert isinstance(last, Failed)
    assert last.code == "data_moved_on"


def test_what_is_shown_of_a_very_long_row_ends(tmp_path: Path, tiny_model: Path) -> None:
    card = index(lines(tmp_path / "a.jsonl", asked(0), asked(1, output="€" * 100_000)), model=str(tiny_model))
    (shown,) = tokens(card, 1, model=str(tiny_model))
    length = sum(len(part["text"]) for part in shown.segments)
    assert (length, shown.trained > 100_000, length + shown.cut > 100_000) == (20_000, True, True)


@pytest.mark.parametrize(
    ("row", "names", "learnt"),
    [
        ({"prompt": "p", "chosen": "good", "rejected": "bad"}, ["chosen", "rejected"], ["good<|im_end|>"]),
        ({"text": "some text", "label": "spam"}, ["spam"], None),
        ({"text": "some text"}, [""], ["some text<|endoftext|>"]),
    ],
)
def test_rows_of_every_kind(
    tmp_path: Path, tiny_model: Path, row: dict[str, str], names: list[str], learnt: list[str] | None
) -> None:
    other = {key: f"another {value}" for key, value in row.items()}
    found = tokens(index(lines(tmp_path / "a.jsonl", row, other)), 0, model=str(tiny_model))
    assert [sample.name for sample in found] == names
    assert learnt is None or trained(found[0]) == learnt
    assert found[0].trained > 0


def test_what_it_says_comes_to_the_window_as_phrases(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *map(asked, range(5)), asked(3), asked(9, output=" "), "{", '{"a": NaN}')
    _, started, *_, last = events("index", data=[str(path)])
    started, last = (from_json(json.loads(to_window(event, 1))) for event in (started, last))
    assert isinstance(started, Started)
    assert isinstance(started.data["detected"]["reason"], Phrase)
    assert isinstance(last, Finished)
    assert len(last.stats["sentences"]) == 5
    assert all(isinstance(text, Phrase) for text in [*last.stats["sentences"], *last.stats["report"]["reasons"]])
    *_, last = events("index", data=[str(lines(tmp_path / "b.jsonl", {"x": 1}, {"x": 3}))])
    assert isinstance(last, Finished)
    assert all(isinstance(text, Phrase) for text in last.stats["detected"]["questions"])


def test_a_phrase_that_is_long_has_its_values_cut() -> None:
    short = bounded(phrase("`{column}` is running text", column="x" * 5000))
    assert isinstance(short, Phrase)
    assert short == f"`{'x' * 300}…` is running text"
    many = bounded(joined([phrase("{count:,} rows", count=number) for number in range(5000)]))
    assert not isinstance(many, Phrase)
    assert len(many) == 301


# --- the worst files -------------------------------------------------------------------------------------------------


def test_every_bad_file_is_explained(data: Callable[..., Path]) -> None:
    folder = data("malformed-data")
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        path = folder / json.loads(line)["file"]
        *_, last = events("index", data=[str(path)])
        match last:
            case Failed(code=code):
                assert code != "bug", f"{path.name}: {last}"
            case Finished(reason="asked", stats=stats):
                assert stats["detected"]["questions"], path.name
            case Finished(reason="done", stats=card):
                shown, report = rows(card), card["report"]
                assert len(shown) == report["read"], path.name
                assert report["read"] + report["rejected"] == report["rows"]
                with RowIndex.open(card["folder"]) as found:
                    assert len(found.rejected(0, 10**6)) == report["rejected"], path.name
                assert not report["rejected"] or card["sentences"], path.name
            case _:
                raise AssertionError(f"{path.name}: {last}")


def test_what_a_file_holds_does_not_flood_the_window(tmp_path: Path, tiny_model: Path) -> None:
    """`events` looks at the length of every line."""
    wide = "\U0001f331" * 300_000
    many = [{"text": f"text {n}", "label": f"{n} {wide[:3000]}"} for n in range(400)]
    index(lines(tmp_path / "labels.jsonl", *many), model=str(tiny_model))
    columns = {f"{n} {wide[:1000]}": n for n in range(300)}
    index(lines(tmp_path / "columns.jsonl", *(asked(n) | columns for n in range(3))), model=str(tiny_model))
    index(lines(tmp_path / "talk.jsonl", *({"messages": talk(wide[:4000])} for _ in range(3))), model=str(tiny_model))
    bad = [{"messages": [{"role": wide[:900], "content": str(n)}]} for n in range(2000)]
    index(lines(tmp_path / "roles.jsonl", {"messages": talk("a")}, *bad))
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number:0200}.txt").write_text(f"text {number}")
    card = index(folder)
    assert (card["file_count"], len(card["files"]), card["rows"]) == (3000, 100, 3000)


def talk(text: str) -> list[dict[str, str]]:
    return [{"role": role, "content": text} for _ in range(100) for role in ("user", "assistant")]
