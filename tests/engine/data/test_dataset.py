"""Datasets: every row is read or rejected, the verdict on every broken file is right, and nothing else is raised."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.chat.messages import Message
from engine.data import dataset as datasets
from engine.data import rows as row_limits
from engine.data.cache import Cache
from engine.data.dataset import open_dataset
from engine.data.examples import Conversation, Document, Example, Labelled
from engine.data.report import LONG, Report
from engine.data.row_numbers import RowNumbers
from engine.errors import EngineError
from engine.phrases import Phrase


def read(path: Path, **how: Any) -> tuple[list[Example], Report]:
    report = Report()
    found = [example for _, example in open_dataset(path, **how).examples(report)]
    assert report.read + report.rejected == report.rows
    return found, report


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def asked(n: int, **more: Any) -> dict[str, Any]:
    return {"instruction": f"Say {n}.", "output": f"It is {n}.", **more}


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_file_in_two_forms_says_the_same(tmp_path: Path) -> None:
    rows = [asked(n) for n in range(5)]
    expected = [Conversation((Message("user", f"Say {n}."), Message("assistant", f"It is {n}."))) for n in range(5)]
    assert read(lines(tmp_path / "a.jsonl", *rows))[0] == expected
    (tmp_path / "a.csv").write_text("instruction,output\n" + "\n".join(",".join(row.values()) for row in rows))
    assert read(tmp_path / "a.csv")[0] == expected
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet")[0] == expected
    (tmp_path / "renamed.jsonl").write_bytes((tmp_path / "a.parquet").read_bytes())
    assert read(tmp_path / "renamed.jsonl")[0] == expected, "parquet is known by its first bytes"


def test_the_sms_file_is_read_to_the_letter(data: Callable[..., Path]) -> None:
    path = data("sms-spam/SMSSpamCollection.tsv")
    found, report = read(path)
    expected = [line.split("\t") for line in path.read_text("utf-8").split("\n") if line]
    assert [[row.label, row.text] for row in found if isinstance(row, Labelled)] == expected
    assert report.labels == {"ham": 4827, "spam": 747}
    assert report.duplicates == len(expected) - len({tuple(row) for row in expected})
    assert report.sha256 == {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}


def test_unique_rows_alone(data: Callable[..., Path]) -> None:
    report = Report()
    path = data("sms-spam/SMSSpamCollection.tsv")
    found = [example for _, example in open_dataset(path).examples(report, unique=True)]
    assert len(found) == len(set(found)) == report.read - report.duplicates
    assert report.rows == 5574


def test_places(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", "", asked(1), "{", asked(2))
    report = Report()
    assert [str(place) for place, _ in open_dataset(path).examples(report)] == ["a.jsonl, line 2", "a.jsonl, line 4"]
    assert [str(place) for place, _ in report.rejections] == ["a.jsonl, line 3"]


def test_several_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.md").write_text("two")
    (tmp_path / "a.txt").write_text("one\n<|endoftext|>\none and a half")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"three"))
    (tmp_path / ".hidden.txt").write_text("no")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    found, report = read(tmp_path)
    assert found == [Document("one"), Document("one and a half"), Document("three"), Document("two")]
    assert len(report.sha256) == 3
    both = open_dataset([tmp_path / "a.txt", tmp_path / "b"])
    assert [example for _, example in both.examples(Report())] == [*found[:2], found[3]]


def test_files_of_several_kinds_are_refused_together(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    lines(tmp_path / "b.jsonl", asked(1))
    with pytest.raises(EngineError, match=r"a\.txt holds data of the kind text, but .*b\.jsonl") as caught:
        open_dataset(tmp_path)
    assert caught.value.code == "data_kinds"


def test_what_is_known_again_from_the_evaluation(tmp_path: Path) -> None:
    evaluation = open_dataset(lines(tmp_path / "eval.jsonl", asked(3), asked(900, id=1)))
    path = lines(tmp_path / "a.jsonl", *(asked(n) for n in range(10)))
    report = Report()
    list(open_dataset(path).examples(report, evaluation=evaluation.seen(Report())))
    assert (report.also_in_evaluation, str(report.leaked[0])) == (1, "a.jsonl, line 4")
    assert "also stand" in " ".join(report.sentences())


def test_what_also_stands_in_the_share_that_is_held_back(tmp_path: Path) -> None:
    numbers = [1, 2, 95, 3, 95, *range(10, 105)]
    (tmp_path / "a").mkdir()
    for name, part in (("a.jsonl", numbers[:50]), ("b.jsonl", numbers[50:])):
        lines(tmp_path / "a" / name, *map(asked, part))
    report = Report()
    for _ in open_dataset(tmp_path / "a").survey(report, held_back=0.1):
        pass
    assert report.also_in_evaluation == 2
    assert [str(place) for place in report.leaked] == ["a.jsonl, line 3", "a.jsonl, line 5"]


def test_rows_that_are_left_out_are_counted_and_not_looked_at(tmp_path: Path) -> None:
    rows = [asked(1), "{", asked(2), asked(1), *map(asked, range(10, 5010)), asked(2)]
    whole = open_dataset(lines(tmp_path / "a.jsonl", *rows))
    some = replace(whole, left_out=RowNumbers.read(["1-2", "100", "5004"]))
    read, surveyed = Report(), Report()
    found = [(place.line, row) for place, row in some.examples(read)]
    kept = [(place.line, row) for place, row in whole.examples(Report())]
    assert found == [row for n, row in enumerate(kept, 1) if n not in (1, 2, 100, 5004)]
    for _ in some.survey(surveyed, held_back=0.5):
        pass
    assert surveyed == read
    assert (read.rows, read.read, read.rejected, read.left_out, read.duplicates) == (5005, 5004, 1, 4, 0)
    assert "4 rows were left out, as the recipe says." in read.sentences()


def test_duplicates_empty_answers_and_long_rows(tmp_path: Path) -> None:
    rows = [asked(1), asked(2), asked(1, id=9), {"instruction": "x", "output": " "}, asked(3, input="y" * LONG)]
    _, report = read(lines(tmp_path / "a.jsonl", *rows))
    assert (report.rows, report.read, report.rejected) == (5, 4, 1)
    assert (report.duplicates, str(report.repeated[0])) == (1, "a.jsonl, line 3")
    assert (report.empty_answers, report.long_rows) == (1, 1)
    said = " ".join(report.sentences())
    for words in ("line 4, was left out: its answer is empty", "1 row repeat", "longer than 32,768"):
        assert words in said


def test_a_report_that_was_kept_says_the_same_in_every_language(tmp_path: Path) -> None:
    _, report = read(lines(tmp_path / "a.jsonl", *map(asked, range(3)), asked(1), "{", {"instruction": "x"}))
    cache, again = Cache(tmp_path / "cache"), Report()
    cache.put({"of": "a"}, report.to_json())
    again.take_over(cache.take({"of": "a"}) or {}, report.sha256)
    assert again == report
    assert len(again.sentences()) == 3
    assert all(isinstance(text, Phrase) for text in [*again.sentences(), *again.reasons])
    assert [isinstance(reason, Phrase) for _, reason in again.rejections] == [True, True]


def test_a_survey_counts_the_same_as_reading(tmp_path: Path) -> None:
    rows = [asked(n % 7000) if n % 1000 else "{" for n in range(10_000)]
    found = open_dataset(lines(tmp_path / "a.jsonl", *rows))
    for _ in found.examples(read := Report()):
        pass
    seen = list(found.survey(surveyed := Report()))
    assert surveyed == read
    assert (read.rows, read.rejected) == (10_000, 10)
    assert read.duplicates == 10_000 - 10 - len({n % 7000 for n in range(10_000) if n % 1000})
    assert seen == sorted(seen)


def test_counts_hold_whenever_it_is_left(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *(asked(n) if n % 3 else "{" for n in range(20_000)))
    report = Report()
    for number, _ in enumerate(open_dataset(path).examples(report)):
        assert report.read + report.rejected == report.rows
        if number == 9000:
            break


def test_the_original_is_not_touched(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", asked(1), "{")
    before, content = path.stat(), path.read_bytes()
    read(path)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == (before.st_mtime_ns, content)


# --- the worst files -------------------------------------------------------------------------------------------------


def refusal(path: Path, **how: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        read(path, **how)
    assert path.name in str(caught.value)
    return caught.value


def test_broken_json_on_a_line(tmp_path: Path) -> None:
    found, report = read(lines(tmp_path / "a.jsonl", asked(1), '{"instruction": "x"', asked(2)))
    assert len(found) == 2
    assert "a.jsonl, line 2, was left out: not valid JSON" in report.sentences()[0]


def test_an_empty_file(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.parquet", "a.jsonl.gz"):
        (tmp_path / name).write_bytes(b"")
        assert refusal(tmp_path / name).code == "data_empty", name


def test_a_zip_that_is_called_jsonl(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.jsonl", "w") as archive:
        archive.writestr("rows.jsonl", "{}")
    assert "it is a zip archive" in str(refusal(tmp_path / "a.jsonl"))


def test_a_row_of_ten_megabytes(tmp_path: Path) -> None:
    long = asked(1, input="x" * row_limits.LIMIT)
    found, report = read(lines(tmp_path / "a.jsonl", asked(1), long, asked(2)))
    assert (len(found), report.reasons) == (2, {"it is longer than 10 MB": 1})
    (tmp_path / "a.csv").write_text(f"instruction,output\na,b\n{'x' * row_limits.LIMIT},c\nd,e\n")
    found, report = read(tmp_path / "a.csv")
    assert (len(found), report.reasons) == (2, {"it is longer than 10 MB": 1})


def test_labels_that_occur_once_and_labels_alike(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\na,Ham\nb,ham\nc,spam\nd,spam\ne,1\nf,1.0\n")
    _, report = read(tmp_path / "a.csv")
    said = " ".join(report.sentences())
    assert '4 labels occur only once: "Ham", "ham", "1", "1.0".' in said
    assert report.look_alikes() == [("Ham", "ham"), ("1", "1.0")]


def test_one_label_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "a,ham\n" * 20)
    with pytest.raises(EngineError, match="have the label ham") as caught:
        read(tmp_path / "a.csv")
    assert caught.value.code == "data_one_label"


def test_parquet_with_types_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    good = {"instruction": ["a", "b"], "output": ["x", "y"]}
    pq.write_table(pa.table({**good, "image": [b"\0", b"\1"], "when": pa.array([1, 2], pa.timestamp("s"))}), path)
    assert len(read(path)[0]) == 2, "a column of bytes that is not needed does not matter"
    pq.write_table(pa.table({"instruction": ["a", "b"], "output": [b"\0", b"\1"]}), path)
    error = refusal(path)
    assert error.code == "data_ask"
    assert "output (binary)" in str(error)
    map_type = pa.map_(pa.string(), pa.string())
    pq.write_table(pa.table({"messages": pa.array([[("a", "b")]], map_type)}), path)
    assert "messages (map" in str(refusal(path))
    nested = [[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "extra": [1]}]]
    pq.write_table(pa.Table.from_pylist([{"messages": talk} for talk in nested]), path)
    assert read(path)[0] == [Conversation((Message("user", "a"), Message("assistant", "b")))]


def test_parquet_that_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"some text {n}" for n in range(1000)]}), path)
    whole = path.read_bytes()
    for broken in (whole[:-10], whole[:50], b"PAR1" + b"\0" * 20 + b"PAR1", b"no parquet at all"):
        path.write_bytes(broken)
        assert refusal(path).code == "data_damaged"
    path.write_bytes(whole[:40] + b"\xff" * 40 + whole[80:])
    with pytest.raises(EngineError):
        read(path)


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs rights to be refused"
)
def test_without_read_rights(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", asked(1))
    path.chmod(0)
    assert refusal(path).code == "no_permission"
    (tmp_path / "folder").mkdir(mode=0)
    assert refusal(tmp_path / "folder").code == "no_permission"


def test_refused_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, where the tests may read everything."""
    path = lines(tmp_path / "a.jsonl", asked(1))

    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    assert refusal(path).code == "no_permission"
    monkeypatch.undo()
    monkeypatch.setattr(datasets.os, "walk", lambda top, onerror: onerror(PermissionError(13, "no", str(top))))
    assert refusal(tmp_path).code == "no_permission"


def test_not_there_and_of_no_kind(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.jsonl").code == "not_found"
    (tmp_path / "a.pdf").write_text("x")
    assert refusal(tmp_path / "a.pdf").code == "data_kind"
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder").code == "data_folder"


# --- the manifest of broken files ------------------------------------------------------------------------------------

# What is to become of each: rows read and rows rejected, or the code of the sentence that refuses it.
VERDICTS: dict[str, tuple[int, int] | str] = {
    "jsonl/empty.jsonl": "data_empty",
    "jsonl/only-whitespace.jsonl": "data_empty",
    "jsonl/blank-lines-between.jsonl": (12, 0),
    "jsonl/utf8-bom.jsonl": (12, 0),
    "jsonl/utf16le-bom.jsonl": (12, 0),
    "jsonl/utf16be-no-bom.jsonl": "data_encoding",
    "jsonl/latin1-bytes.jsonl": (13, 1),
    "jsonl/truncated-last-line.jsonl": (11, 1),
    "jsonl/no-final-newline.jsonl": (12, 0),
    "jsonl/mixed-crlf.jsonl": (12, 0),
    "jsonl/cr-only.jsonl": (12, 0),
    "jsonl/array-named-jsonl.jsonl": (12, 0),
    "json/trailing-comma.json": "data_line",
    "json/python-repr.json": "data_line",
    "json/nan-infinity.json": "data_no_examples",
    "json/duplicate-keys.json": (1, 0),
    "json/top-level-object.json": (12, 0),
    "json/top-level-string.json": "data_no_rows",
    "json/deep-nesting.json": "data_line",
    "json/big-integers.json": (1, 0),
    "jsonl/empty-strings.jsonl": (3, 2),
    "jsonl/lone-surrogates.jsonl": (2, 0),
    "jsonl/unicode-mix.jsonl": (9, 0),
    "jsonl/special-tokens-in-text.jsonl": (6, 0),
    "jsonl/huge-single-line.jsonl.xz": (2, 0),
    "jsonl/very-long-token.jsonl": (1, 0),
    "chat/sharegpt-role-errors.jsonl": (1, 7),
    "chat/messages-content-parts.jsonl": "data_no_examples",
    "preference/bad-pairs.jsonl": (3, 5),
    "preference/hh-without-final-assistant.jsonl": (1, 3),
    "compressed/truncated.jsonl.gz": "data_damaged",
    "compressed/not-gzip.jsonl.gz": (12, 0),
    "compressed/good.jsonl.gz": (12, 0),
    "csv/good.csv": (40, 0),
    "csv/bom-crlf.csv": (40, 0),
    "csv/semicolons.csv": (40, 0),
    "csv/tabs-named-csv.csv": (40, 0),
    "csv/no-header.csv": "data_ask",
    "csv/unterminated-quote.csv": (40, 1),
    "csv/one-class.csv": "data_one_label",
    "csv/label-case-and-space.csv": (5, 0),
    "csv/duplicate-header.csv": "data_columns",
    "csv/latin1-pound.csv": (4, 0),
    "csv/nul.csv": "data_binary",
    "csv/numeric-labels.csv": (5, 0),
    "txt/only-newlines.txt": "data_empty",
    "txt/only-endoftext.txt": "data_empty",
    "txt/invalid-utf8.txt": "data_binary",
    "txt/overlong-utf8.txt": "data_binary",
    "txt/png-named-txt.txt": "data_binary",
    "txt/emoji-only.txt": (1, 0),
}
# Which lines must be named where the manifest names them, and what else must be said.
NAMED = {
    "jsonl/latin1-bytes.jsonl": [2], "jsonl/truncated-last-line.jsonl": [12], "jsonl/empty-strings.jsonl": [1, 2],
    "chat/sharegpt-role-errors.jsonl": [1, 2, 3, 4, 5, 7, 8], "preference/bad-pairs.jsonl": [1, 2, 3, 4, 5],
    "preference/hh-without-final-assistant.jsonl": [2, 3, 4],
}  # fmt: skip
SAID = {
    "jsonl/utf16be-no-bom.jsonl": "UTF-16", "csv/nul.csv": "line", "json/trailing-comma.json": "line",
    "csv/latin1-pound.csv": "Windows-1252", "csv/label-case-and-space.csv": "look alike",
    "csv/no-header.csv": "Is column",
    "json/top-level-object.json": "under `data`", "jsonl/lone-surrogates.jsonl": "replaced",
    "txt/invalid-utf8.txt": "byte", "csv/unterminated-quote.csv": "line",
}  # fmt: skip


def test_the_manifest_of_broken_files(data: Callable[..., Path]) -> None:
    folder = data("malformed-data")
    files = [json.loads(line)["file"] for line in (folder / "manifest.jsonl").read_text().splitlines()]
    assert sorted(files) == sorted(VERDICTS)
    for name, verdict in VERDICTS.items():
        report, reason = Report(), None
        try:
            for _ in open_dataset(folder / name).examples(report):
                pass
            found: tuple[int, int] | str = (report.read, report.rejected)
            said = " ".join(report.sentences())
            assert all(isinstance(text, Phrase) for text in [*report.sentences(), *report.reasons])
        except EngineError as error:
            found, said, reason = error.code, str(error), error.data.get("reason")
        assert isinstance(found, tuple) or Path(name).name in said or found == "data_one_label"
        assert reason is None or isinstance(reason, Phrase) or found == "data_damaged"
        assert found == verdict, f"{name}: {said}"
        assert report.read + report.rejected == report.rows
        assert [place.line for place, _ in report.rejections] == NAMED.get(name, [p.line for p, _ in report.rejections])
        assert SAID.get(name, "") in said, f"{name}: {said}"


def test_the_first_column_after_a_mark_is_called_label(data: Callable[..., Path]) -> None:
    assert open_dataset(data("malformed-data") / "csv/bom-crlf.csv").detected.columns["label"] == "label"


# --- whatever comes --------------------------------------------------------------------------------------------------

NAMES = ("a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.parquet", "a.jsonl.gz")


def check(path: Path, content: bytes) -> None:
    """Read + rejected = rows, and nothing but an EngineError."""
    path.write_bytes(content)
    report = Report()
    try:
        found = open_dataset(path)
        for _ in open_dataset(path, kind=found.kind or "text").examples(report):
            pass
    except EngineError as error:
        said = str(error)
    else:
        said = " ".join(report.sentences()) or "nothing to say"
    assert said
    assert report.read + report.rejected == report.rows


@pytest.mark.trial(sample=150, full=5000)
def test_random_bytes(tmp_path: Path, trials: range) -> None:
    for seed in trials:
        generator = random.Random(seed)
        begin = generator.choice(
            [b"", b"\x1f\x8b", b"\xfd7zXZ\0", b"(\xb5/\xfd", b"PAR1", b"[", b'{"a": "', b"\xff\xfe"]
        )
        check(tmp_path / generator.choice(NAMES), begin + generator.randbytes(generator.randrange(300)))


@pytest.mark.trial(sample=150, full=5000)
def test_damaged_files(tmp_path: Path, trials: range, data: Callable[..., Path]) -> None:
    """Real files with bytes changed, cut out or put in."""
    originals = [
        path for path in sorted(data("malformed-data").rglob("*")) if path.is_file() and path.stat().st_size < 30_000
    ]
    pq.write_table(pa.table({"text": [f"a {n}" for n in range(50)], "label": ["x", "y"] * 25}), tmp_path / "p.parquet")
    originals.append(tmp_path / "p.parquet")
    for seed in trials:
        generator = random.Random(seed)
        original = generator.choice(originals)
        content = bytearray(original.read_bytes())
        for _ in range(generator.randrange(1, 6)):
            at = generator.randrange(len(content) + 1)
            match generator.randrange(3):
                case 0:
                    content[at : at + 1] = generator.randbytes(1)
                case 1:
                    del content[at : at + generator.randrange(20)]
                case 2:
                    content[at:at] = generator.choice([b'"', b"\n", b"{", b"]", b",", b"\0", b"\xe9", b"\r", b"NaN"])
        check(tmp_path / ("x" + "".join(original.suffixes)), bytes(content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["messages", "role", "content", "from", "value", "instruction", "output", "chosen", "rejected", "prompt",
         "text", "label", "question", "choices", "answer", "answers", "turns", "mapping", "current_node",
         "history", "rank"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values=st.lists(JSON, min_size=2, max_size=6), kind=st.sampled_from([None, *datasets.detection.KINDS]))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_of_any_shape(tmp_path: Path, values: list[Any], kind: str | None) -> None:
    path = lines(tmp_path / "a.jsonl", *(json.dumps(value) for value in values))
    report = Report()
    try:
        for _ in open_dataset(path, kind=kind).examples(report):
            pass
        assert report.rows == len(values)
    except EngineError:
        pass
    assert report.read + report.rejected == report.rows


def test_reading_needs_no_library_of_models(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", asked(1), asked(2))
    script = (
        "import sys; from engine.data.dataset import open_dataset; from engine.data.report import Report\n"
        f"list(open_dataset({str(path)!r}).examples(Report()))\n"
        "print([name for name in ('torch', 'transformers', 'llama_cpp', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
