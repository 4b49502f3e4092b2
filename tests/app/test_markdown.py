"""Markdown becomes the same lines however it arrives, and each construct becomes the line it should."""

from __future__ import annotations

import random

import pytest
from markdown_texts import random_text

from app.chat import inline, markdown
from app.chat.highlight import LANGUAGES, Highlighter
from app.chat.inline import CODE, EMPHASIS, LINE_BREAK, STRIKE, STRONG, Run, cut_at
from app.chat.markdown import APART, BELOW, SAME, Line, MarkdownStream, markdown_lines, plain_lines


def lines(text: str) -> list[Line]:
    return list(markdown_lines(text))


def shown(text: str) -> list[str]:
    """One string a line: kind, containers, bullet, text."""
    return [f"{line.kind} {line.path}{line.marker} {said(line)}".replace("  ", " ").rstrip() for line in lines(text)]


def said(line: Line) -> str:
    return "".join(run.text for run in line.runs)


def streamed(text: str, chance: random.Random, most: int) -> tuple[list[Line], MarkdownStream]:
    stream = MarkdownStream()
    out: list[Line] = []
    at = 0
    most = max(most, len(text) // 60)
    while at < len(text):
        size = chance.randint(1, most)
        out += stream.feed(text[at : at + size])
        at += size
        if chance.random() < 0.3:
            stream.open_lines()
    seen = stream.open_lines()
    rest = stream.close()
    if text.endswith("\n") and not text.endswith("\r\n"):
        assert [line._replace(join=0) for line in seen] == [line._replace(join=0) for line in rest]
    return out + rest, stream


@pytest.mark.trial(sample=40, full=5000)
def test_lines_do_not_depend_on_the_pieces(trials: range) -> None:
    differ = late = 0
    for seed in trials:
        chance = random.Random(seed)
        text = random_text(chance, long_runs=seed % 8 == 0)
        whole = lines(text)
        for most in (3, 50, 10_000):
            out, stream = streamed(text, chance, most)
            if stream.late_definitions:
                late += 1  # laid out again at the end, by markdown_lines
            elif out != whole:
                differ += 1
                print("seed", seed, "pieces of", most)
    assert differ == 0
    assert late < 0.5 * 3 * len(trials)


@pytest.mark.trial(sample=60, full=5000)
def test_lines_do_not_depend_on_the_pieces_where_windows_end(trials: range, monkeypatch: pytest.MonkeyPatch) -> None:
    """With small windows every text is cut: paragraphs, items, tables, lines."""
    monkeypatch.setattr(markdown, "LEAF_WINDOW", 300)
    monkeypatch.setattr(markdown, "CONTAINER_WINDOW", 900)
    monkeypatch.setattr(markdown, "LONGEST_LINE", 150)
    for seed in trials:
        chance = random.Random(seed)
        text = random_text(chance, long_runs=False)
        whole = lines(text)
        for most in (5, 400):
            out, stream = streamed(text, chance, most)
            assert stream.late_definitions or out == whole, seed
        assert all(sum(len(run.text) for run in line.runs) <= 151 for line in whole), seed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One #\n\nTwo\n===\n\nThree\n---", ["heading One", "heading Two", "heading Three"]),
        ("- a\n- b\n  - c\n    1. d", ["text l• a", "text l• b", "text ll◦ c", "text lll1. d"]),
        ("7. a\n7. b\n\n\n9. c", ["text l7. a", "text l8. b", "text l9. c"]),
        ("- a\n\n  b\n-\n- c", ["text l• a", "text l b", "text l•", "text l• c"]),
        ("- [ ] to do\n- [x] done", ["text l☐ to do", "text l☑ done"]),
        ("> a\n> > b\n>\n> - c", ["text q a", "text qq b", "text ql• c"]),
        ("> " * 30 + "deep", ["text " + "> " * 30 + "deep"]),
        ("***", ["rule"]),
        ("<b>a</b>\n\n<div>\n*x*\n</div>", ["text <b>a</b>", f"text <div>{LINE_BREAK}x{LINE_BREAK}</div>"]),
        ("a  \nb\\\nc\nd", [f"text a{LINE_BREAK}b{LINE_BREAK}c{LINE_BREAK}d"]),
        ("```c++\nint x;\n\n```\nafter", ["code-title c++", "code int x;", "code", "text after"]),
        ("~~~\n```\n~~~~", ["code-title", "code ```"]),
        ("  ```py\n  a\n    b\n ```", ["code-title py", "code a", "code  b"]),
        ("```\nnot closed", ["code-title", "code not closed"]),
        ("    indented\n\n    code", ["code-title", "code indented", "code", "code code"]),
        ("- x\n\n  ```\n  in it\n  ```\n- y", ["text l• x", "code-title l", "code l in it", "text l• y"]),
        ("- ```\n  a\n  ```", ["text l•", "code-title l", "code l a"]),
        ("![what](//host/x.png)", ["text what (//host/x.png)"]),
        ("![](https://e.org/p.png)", ["text (https://e.org/p.png)"]),
        ("a\r\nb\r\n\r\nc\rd", [f"text a{LINE_BREAK}b", f"text c{LINE_BREAK}d"]),
        ("a\0b\ufffc\ufdd0\ud800c", ["text a\ufffdb\ufffd\ufffd\ufffdc"]),
        ("one\u2029two", [f"text one{LINE_BREAK}two"]),
    ],
)
def test_constructs(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


def test_styles() -> None:
    (line,) = lines("*a* **b** ***c*** `d` ~~e~~ **f *g***")
    assert line.runs[::2][:5] == (
        Run("a", EMPHASIS),
        Run("b", STRONG),
        Run("c", EMPHASIS | STRONG),
        Run("d", CODE),
        Run("e", STRIKE),
    )
    assert line.runs[-1] == Run("g", EMPHASIS | STRONG)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("[a](http://e.org/x?y=1)", "http://e.org/x?y=1"),
        ("[a](HTTPS://e.org)", "HTTPS://e.org"),
        ("<mailto:a@e.org>", "mailto:a@e.org"),
        ("see https://e.org/x.", "https://e.org/x"),
        ("[a][r]\n\n[r]: https://e.org", "https://e.org"),
        ("[a](file:///etc/passwd)", ""),
        ("[a](//host/share)", ""),
        ("[a](/etc/passwd)", ""),
        ("[a](javascript:alert(1))", ""),
        ("[a](ftp://e.org)", ""),
        ("[a](copy-code:1)", ""),
        ("[a](data:text/html,x)", ""),
        ("`https://e.org`", ""),
    ],
)
def test_only_safe_addresses_become_links(text: str, link: str) -> None:
    found = [run.link for line in lines(text) for run in line.runs if run.link]
    assert found == ([link] if link else [])


def test_an_address_that_is_no_link_is_shown() -> None:
    assert shown("[a](//host/share)") == ["text a (//host/share)"]


def test_table() -> None:
    (line,) = lines("| a | b |\n|--:|:-:|\n| 1 | *2* |\n| 3 |\n")
    assert [column.align for column in line.columns] == ["right", "center"]
    assert line.rows == (((Run("a"),), (Run("b"),)), ((Run("1"),), (Run("2", EMPHASIS),)), ((Run("3"),), ()))


def test_a_long_table_comes_in_parts_with_the_columns_of_the_first() -> None:
    rows = "".join(f"| {i} | {'x' * i} |\n" for i in range(100))
    parts = lines("| n | x |\n|---|---|\n" + rows + "\nafter")
    tables = [line for line in parts if line.kind == "table"]
    assert [len(table.rows) for table in tables] == [33, 32, 32, 4]
    assert [table.join for table in tables] == [APART, BELOW, BELOW, BELOW]
    assert len({table.columns for table in tables}) == 1
    assert [row[0][0].text for table in tables for row in table.rows][1:] == [str(i) for i in range(100)]


def test_a_table_after_a_long_one_has_a_heading_of_its_own() -> None:
    text = "| n |\n|---|\n" + "| 1 |\n" * 40 + "\nbetween\n\n| m | o |\n|---|---|\n| 2 | 3 |\n\nafter\n"
    tables = [line for line in lines(text) if line.kind == "table"]
    assert [(len(table.rows), len(table.columns), table.join) for table in tables] == [
        (33, 1, APART),
        (8, 1, BELOW),
        (2, 2, APART),
    ]


def test_a_definition_may_get_its_title_on_later_lines() -> None:
    text = 'One.\n\n[r]: http://e.org\n"a title\nof two lines"\n\n[r]\n'
    stream = MarkdownStream()
    out = [line for character in text for line in stream.feed(character)] + stream.close()
    assert [said(line) for line in out] == ["One.", "r"]
    assert out == lines(text)


@pytest.mark.parametrize(
    "pieces",
    [
        ("[r] x\n\n[r]: http://e.org", " and more\n"),
        ("[r] x\n\nOne.\n\n[r]: http://e.org|f\n", "---|---\n"),
        ("| [r] |\n|---|\n" + "| [r] |\n" * 40 + "\n[r]: http://e.org|f\n", "---|---\n"),
    ],
)
def test_what_looked_like_a_definition_defines_nothing(pieces: tuple[str, str]) -> None:
    stream = MarkdownStream()
    out = []
    for piece in pieces:
        out += stream.feed(piece)
        stream.open_lines()
    out += stream.close()
    assert not stream.late_definitions
    assert out == lines("".join(pieces))


def test_a_link_shows_with_its_definition() -> None:
    stream = MarkdownStream()
    stream.feed("[r]\n\n")
    assert [run.link for line in stream.open_lines() for run in line.runs] == [""]
    stream.feed("[r]: http://e.org\n")
    assert [run.link for line in stream.open_lines() for run in line.runs] == ["http://e.org"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b |\n---\n", ["text l• a", "text l• b |", "rule"]),
        ("1. a\n\n2. b | c\n-|-\n3. d", ["text l1. a", f"text l2. b | c{LINE_BREAK}-|-", "text l3. d"]),
        ("- a\n* b |\n---\n", ["text l• a", "table"]),
        ("- a\n- | b |\n  |---|\n", ["text l• a", "text l•", "table l"]),
    ],
)
def test_an_item_of_a_list_that_goes_on_is_no_heading_of_a_table(text: str, expected: list[str]) -> None:
    assert shown(text) == expected
    stream = MarkdownStream()
    assert [line for character in text for line in stream.feed(character)] + stream.close() == lines(text)


def test_a_very_wide_table_is_text() -> None:
    text = "| a " * 1000 + "|\n" + "|-" * 1000 + "|\n" + "| b " * 1000 + "|"
    assert {line.kind for line in lines(text)} == {"text"}


def test_what_is_finished_is_given_once_and_the_rest_is_small() -> None:
    stream = MarkdownStream()
    finished = [line for piece in ["One.\n\nTwo", ".\n\nThr", "ee"] for line in stream.feed(piece)]
    assert [said(line) for line in finished] == ["One."]
    assert [said(line) for line in stream.open_lines()] == ["Two.", "Three"]
    assert [said(line) for line in stream.close()] == ["Two.", "Three"]


@pytest.mark.parametrize(
    "unit", ["A", "a ", "*", "[", "`a", "| a ", "> ", "- ", "é", "👩‍👧", "#", "_a*", "~", "\\", "![]("]
)
@pytest.mark.parametrize("before", ["", "- ", "> ", "```\n", "| a |\n|---|\n| "])
def test_an_endless_line_stays_open_only_at_its_end(unit: str, before: str) -> None:
    """What is parsed again at every update is bounded, and no line of layout is long."""
    stream = MarkdownStream()
    finished = stream.feed(before)
    for _ in range(20):
        finished += stream.feed(unit * (2500 // len(unit)))
        assert sum(len(said(line)) for line in stream.open_lines()) <= markdown.LEAF_WINDOW
    finished += stream.close()
    assert max(len(said(line)) for line in finished) <= markdown.LONGEST_LINE + 1


def test_a_long_line_is_divided_and_loses_nothing() -> None:
    text = "word " * 3000 + "A" * 9000
    parts = lines(text)
    assert "".join(said(line) for line in parts) == text
    assert [line.join for line in parts] == [APART] + [SAME] * (len(parts) - 1)


def test_a_long_line_of_code_is_divided_and_loses_nothing() -> None:
    code = "x = '" + "B" * 7000 + "'"
    title, *parts = lines(f"```python\n{code}\ny = 1\n```")
    assert title.kind == "code-title"
    assert "".join(said(line) for line in parts[:-1]) == code
    assert [line.join for line in parts] == [BELOW, *[SAME] * (len(parts) - 2), BELOW]


def test_what_a_person_typed_is_not_markdown() -> None:
    typed = list(plain_lines("# *a*\n\n<b>"))
    assert [(line.kind, said(line), line.join) for line in typed] == [
        ("text", "# *a*", APART),
        ("text", "", BELOW),
        ("text", "<b>", BELOW),
    ]


def test_a_last_line_that_may_become_anything_waits() -> None:
    stream = MarkdownStream()
    stream.feed("A paragraph.\n-")
    assert [line.kind for line in stream.open_lines()] == ["text"]
    stream.feed("--\n")
    assert [line.kind for line in stream.open_lines()] == ["heading"]


def test_emoji_are_not_cut() -> None:
    family = "👩‍👩‍👧‍👦"
    text = family * 400
    parts = lines(text)
    assert "".join(said(line) for line in parts) == text
    assert len(parts) > 1
    assert all(said(line).replace(family, "") == "" for line in parts)


def test_a_cut_prefers_words() -> None:
    assert cut_at("aaa bbb ccc", 6) == 4
    assert cut_at("aaaaaaaaaaa", 6) == 6
    assert cut_at("aaaaae\u0301aaaa", 6) == 5


def test_nested_brackets_do_not_take_long() -> None:
    """Source that costs more than its length is parsed in pieces."""
    text = "- " + ("[" * 200 + "\n  ") * 60 + "\n"
    pieces: list[int] = []
    parse = inline._INLINE.parseInline

    def counted(source: str, env: dict[str, object]) -> object:
        pieces.append(len(source))
        return parse(source, env)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inline._INLINE, "parseInline", counted)
        assert "".join(said(line) for line in lines(text)).count("[") == 12_000
    assert max(pieces) <= inline.LONGEST_SOURCE


# --- code ------------------------------------------------------------------------------------------------------------


def coloured(language: str, code: str) -> list[list[tuple[str, str]]]:
    highlighter = Highlighter(language)
    out = [line for source in code.split("\n") for line in highlighter.add(source)] + highlighter.close()
    return [[(piece.text, piece.role) for piece in line] for line in out]


def test_colours() -> None:
    first, _, third = coloured("Python", "def f(x): # hi\n    '''a\n    b'''")
    assert first[0] == ("def ", "keyword")
    assert first[-1] == ("# hi", "comment")
    assert third == [("    b'''", "string")]


@pytest.mark.parametrize("language", ["", "klingon", "../../x", "pygments.lexers", "python" * 100])
def test_an_unknown_language_is_plain(language: str) -> None:
    assert coloured(language, "def f(): 1") == [[("def f(): 1", "")]]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_its_colours_and_keeps_every_character(language: str) -> None:
    source = "\n".join(
        ["\ufeffa <b> 'c' \"d\" /* e", "*/ -- # { [ é 👩‍👧\t\x0c", "", "<?php ?> <% %> {{ x }}", "'''", "x"] * 30
    )
    assert "\n".join("".join(text for text, _ in line) for line in coloured(language, source)) == source


def test_windows_of_code_end_outside_strings() -> None:
    code = "\n".join(["x = 1"] * 60 + ["s = '''"] + ["inside"] * 80 + ["'''"] + ["y = 2"] * 80)
    roles = [line[0][1] for line in coloured("python", code) if line[0][0] == "inside"]
    assert roles == ["string"] * 80


def test_finished_code_is_not_coloured_again() -> None:
    highlighter = Highlighter("python")
    given = 0
    for _ in range(1000):
        given += len(highlighter.add("x = 1"))
        assert len(highlighter.peek()) <= 64
    assert given + len(highlighter.close()) == 1000
