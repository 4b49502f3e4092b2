"""Markdown as a flat list of lines, made while the text still arrives.

`MarkdownStream` takes a reply in pieces of any size. What can no longer change comes out once, as `Line`s; only the
open end is parsed again, so a reply costs time in proportion to its length. The lines do not depend on how the text
was cut into pieces: a unit (a top-level block, or one item of a top-level list) is final when a whole line of the next
one has arrived, because CommonMark closes blocks line by line, and a unit that outgrows its window is cut at a place
that only the text before it decides. Links defined after their use are the exception: `late_definitions` says that the
text is worth a second pass, which `markdown_lines` makes by itself.

HTML is shown as text, an image as its description and address. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

from app.chat.highlight import CodeLine, Highlighter
from app.chat.inline import Offers, Run, Runs, cut_at, inline_runs, is_safe, merged, normalized

LONGEST_LINE = 2000  # characters; Qt lays out one unbroken line in quadratic time, so longer ones are divided
LEAF_WINDOW = 4000  # characters of one paragraph that are parsed together
CONTAINER_WINDOW = 24_000  # the same for a list item, a quotation, a table
DEEPEST = 16  # levels of nesting; a list has two
TABLE_ROWS = 32  # rows of a table that are laid out together
TABLE_COLUMNS = 32  # a wider table is shown as lines of text

APART, BELOW, SAME = 0, 1, 2  # how a line follows the one before: a block of its own, its next line, the rest of it


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What looks like an item and like the heading of a table is an item where a list goes on."""
    return not (start == state.level == 0 and state.env["in_list"]) and table(state, start, end, silent)


_BLOCKS = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["inline", "text_join"])
_BLOCKS.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
_UNDECIDED = re.compile(r"[ \t]*(?:[-=+*_#`~>|\\ \t]+|\d{1,9}[.)]?)[ \t]*")  # may become an item, a rule, a heading
_LABEL = re.compile(r"[\w+#.-]+")
_TASK = re.compile(r"\[([ xX])\]\s+")
_BULLETS = "•◦▪"
_ENDS_MARKER = ("blockquote_open", "fence", "code_block", "hr", "table_open", "list_item_close")  # it stands alone
_CONTAINERS = ("list_item_open", "blockquote_open", "table_open", "code_block")  # may go on after many lines


class Column(NamedTuple):
    align: str  # "left", "center" or "right"
    width: int  # characters


class Line(NamedTuple):
    """One block of layout: a paragraph or part of it, a heading, a line of code, a rule, or some rows of a table.

    `path` names the containers from the outside in: `q` a quotation, `l` a list item. `marker` is the bullet or number
    of a line that begins an item. Of a table's rows the first is its heading, unless `join` is BELOW.
    """

    kind: str  # "text", "heading", "code-title", "code", "rule" or "table"
    runs: Runs = ()
    path: str = ""
    marker: str = ""
    level: int = 0
    join: int = APART
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Runs, ...], ...] = ()


def plain_lines(text: str) -> Iterator[Line]:
    """The text as it is, line by line: what a person typed is not Markdown."""
    join = APART
    for line in normalized(text).split("\n"):
        yield from _divide(Line("text", (Run(line),) if line else (), join=join))
        join = BELOW


def markdown_lines(text: str, offers: Offers = is_safe) -> Iterator[Line]:
    """The lines of a whole text, made as they are asked for; `offers`: which addresses are links."""
    references: Mapping[str, Any] = {}
    if "]:" in text:
        definitions = MarkdownStream()
        definitions.feed(text)
        definitions.close()
        references = definitions.references
    stream = MarkdownStream(references, offers)
    for start in range(0, len(text), LEAF_WINDOW):
        yield from stream.feed(text[start : start + LEAF_WINDOW])
    yield from stream.close()


class _Unit(NamedTuple):
    """A part of the source that becomes final at once: a top-level block, or an item of a top-level list."""

    start: int  # lines of the source
    end: int
    tokens: Sequence[Token]
    number: int | None = None  # of an item of a numbered list
    goes_on: bool = False  # a table whose heading was written before, an item that is not the first of its list

    @property
    def kind(self) -> str:
        return self.tokens[0].type

    @property
    def row_starts(self) -> list[int]:
        """First source line of each row of a table, without its heading."""
        return [token.map[0] for token in self.tokens if token.type == "tr_open" and token.map][1:]


class _Page(NamedTuple):
    """Some of the source, parsed."""

    source: str
    units: list[_Unit]
    starts: list[int]  # where each line of the source begins, and its end
    references: dict[str, Any]

    def line(self, number: int) -> str:
        return self.source[self.starts[number] : self.starts[number + 1]]


class _Fence(NamedTuple):
    mark: str
    indent: int
    highlighter: Highlighter

    def closed_by(self, line: str) -> bool:
        mark = line.strip(" \t")
        return len(line) - len(line.lstrip(" ")) < 4 and len(mark) >= len(self.mark) and not mark.strip(self.mark[0])


class MarkdownStream:
    """A text on its way: `feed` gives lines that are final, `open_lines` shows the rest as it looks so far."""

    def __init__(self, references: Mapping[str, Any] | None = None, offers: Offers = is_safe) -> None:
        self._offers = offers
        self.references: dict[str, Any] = dict(references or {})
        self.late_definitions = False  # a link was defined after text that may have meant it
        self._text = ""  # from the start of the first unfinished unit; never much longer than CONTAINER_WINDOW
        self._carriage_return = False  # the last piece ended in one: a line feed may still belong to it
        self._begun = False
        self._join = APART  # how the next line follows the finished ones
        self._in_list = False  # the text begins with an item that is not the first of its list
        self._number: int | None = None  # of the list item that the text begins with
        self._table: tuple[str, tuple[Column, ...]] | None = None  # heading of the table whose rows come next
        self._fence: _Fence | None = None  # the text begins within a fence
        self._within_line = False  # the text begins within a long line
        self._known: dict[str, Runs] = {}  # inline text parsed before
        self._known_with = self.references.copy()  # the definitions it was parsed with

    def feed(self, text: str) -> list[Line]:
        """Take the next piece of the text; return the lines that have become final."""
        lines: list[Line] = []
        for start in range(0, len(text), LEAF_WINDOW):
            piece = "\r" * self._carriage_return + text[start : start + LEAF_WINDOW]
            self._carriage_return = piece.endswith("\r")
            self._text += normalized(piece[:-1] if self._carriage_return else piece)
            self._advance(lines, final=False)
        return lines

    def close(self) -> list[Line]:
        """The lines that were still open: the text ends here."""
        lines: list[Line] = []
        self._text += "\n" * self._carriage_return
        self._advance(lines, final=True)
        if self._fence is not None:
            self._finish(lines, _code(self._fence.highlighter.close()))
        return lines

    def open_lines(self) -> list[Line]:
        """The unfinished end as it looks now; the next piece may change it."""
        if self._within_line:
            kind = "code" if self._fence else "text"
            return [Line(kind, self._rest_of_line(self._text), join=SAME)] if self._text else []
        if self._fence is not None:
            may_close = not self._text.strip(" " + self._fence.mark[0])
            rest = "" if may_close else _dedent(self._text, self._fence.indent)
            return _code(self._fence.highlighter.peek(rest))
        before, newline, rest = self._text.rpartition("\n")
        if (self._begun or newline) and _UNDECIDED.fullmatch(rest):
            rest = ""  # what it is shows with the next character
        page = self._parse(before + newline + rest)
        lines = [line for unit in page.units for line in self._lines(unit, page)]
        return _joined(lines, self._join_of(page))

    # --- what is final -----------------------------------------------------------------------------------------------

    def _advance(self, lines: list[Line], final: bool) -> None:
        while self._text:
            if self._fence is not None:
                taken = self._take_code(self._fence, lines, final)
            elif self._within_line:
                taken = self._take_rest_of_line(lines, final)
            else:
                taken = self._take_units(lines, final)
            if taken == 0:
                return
            self._text = self._text[taken:]

    def _take_units(self, lines: list[Line], final: bool) -> int:
        """Finish what a window of whole lines allows; return how many characters that was, 0 to wait for more."""
        for limit in (LEAF_WINDOW, CONTAINER_WINDOW):
            more = len(self._text) > limit
            last = final and not more
            page = self._parse(self._text if last else self._text[: self._text.rfind("\n", 0, limit) + 1])
            if not page.source:
                return self._cut_line(lines, limit) if more else 0
            whole = self._finish_whole_units(page, last, 1 if limit > LEAF_WINDOW else len(page.units), lines)
            if whole:
                return whole
            if not page.units:
                return len(page.source) if more else 0
            first = page.units[0]
            if first.kind == "fence":
                return self._open_fence(first, page, lines)
            rows = self._take_rows(first, page, lines) if _is_long_table(first) or (limit > LEAF_WINDOW and more) else 0
            if rows or not more:
                return rows
            if first.kind not in _CONTAINERS:
                break
        return self._cut_block(page, lines)

    def _finish_whole_units(self, page: _Page, last: bool, most: int, lines: list[Line]) -> int:
        """Units that another one follows; of the `last` page, all. Each has a window of its own, so `most` may be 1."""
        count = min(most, len(page.units) if last else len(page.units) - 1)
        special = (i for i, unit in enumerate(page.units) if unit.kind == "fence" or _is_long_table(unit))
        count = min(count, next(special, count))
        if count <= 0 and (page.units or not last):
            return 0
        following = page.units[count] if count < len(page.units) else None
        end = len(page.starts) - 1
        if following is not None:
            end = following.start
            while end > page.units[count - 1].end and page.line(end - 1).strip():
                end -= 1  # a definition of a link, which may turn out to have a title
        self._finish_units(page, count, end, lines)
        if following is not None:
            self._in_list, self._number = following.kind == "list_item_open" and following.goes_on, following.number
        return page.starts[end]

    def _finish_units(self, page: _Page, count: int, end: int, lines: list[Line]) -> None:
        """The first units of a page, and the definitions among its lines before `end`."""
        self._define(page, end)
        page = page._replace(references=self.references)  # one further down may yet become something else
        self._join = self._join_of(page)
        for unit in page.units[:count]:
            self._finish(lines, self._lines(unit, page))
        if count:
            self._table = self._number = None
            self._in_list = False

    def _finish(self, lines: list[Line], new: list[Line]) -> None:
        if new:
            lines += _joined(new, self._join)
            self._join = APART
            self._begun = True

    def _define(self, page: _Page, end: int) -> None:
        """Keep the definitions of links that stand before line `end`."""
        for label, reference in page.references.items():
            first, after = (line - self._heading_lines for line in reference["map"])
            if label not in self.references and after <= end:
                self.references[label] = reference
                self.late_definitions |= self._begun or first > page.units[0].start if page.units else self._begun

    def _cut_block(self, page: _Page, lines: list[Line]) -> int:
        """End a block that outgrew its window after its last line."""
        end = page.source.find("\n", len(page.source.rstrip())) + 1
        self._finish_units(page, len(page.units), len(page.starts) - 1, lines)
        self._join = BELOW if page.units[-1].kind == "paragraph_open" else APART
        return end

    def _cut_line(self, lines: list[Line], limit: int) -> int:
        """Finish the start of a line that outgrew its window; the rest of it is text, whatever it looks like."""
        end = cut_at(self._text, limit)
        page = self._parse(self._text[:end])
        written: list[Line] = []
        self._finish_units(page, len(page.units), len(page.starts) - 1, written)
        trimmed = page.source[len(page.source.rstrip()) :]  # a block loses its last spaces, which belong here
        if written and trimmed:
            written[-1] = written[-1]._replace(runs=(*written[-1].runs, Run(trimmed)))
        self._within_line = bool(written)
        lines += written
        return end

    def _take_rest_of_line(self, lines: list[Line], final: bool) -> int:
        line, newline, _ = self._text.partition("\n")
        if len(line) > LEAF_WINDOW:
            line = line[: cut_at(line, LEAF_WINDOW)]
            newline = ""
        elif newline or final:
            self._within_line = False
        else:
            return 0
        if line:
            self._finish(lines, _divide(Line("text", self._rest_of_line(line)), SAME))
        self._join = APART if self._within_line else BELOW
        return len(line) + len(newline)

    def _rest_of_line(self, text: str) -> Runs:
        return (Run(text),) if self._fence else self._runs(text, self.references)

    # --- code --------------------------------------------------------------------------------------------------------

    def _open_fence(self, unit: _Unit, page: _Page, lines: list[Line]) -> int:
        token = unit.tokens[0]
        self._finish_units(page._replace(units=[]), 0, unit.start, lines)
        opening = page.line(unit.start)
        language = _language(token)
        self._fence = _Fence(token.markup, len(opening) - len(opening.lstrip(" ")), Highlighter(language))
        self._finish(lines, [_code_title(language)])
        self._table = self._number = None
        return page.starts[unit.start + 1]

    def _take_code(self, fence: _Fence, lines: list[Line], final: bool) -> int:
        """Finish one line of a fence, or the next piece of a long one."""
        line, newline, _ = self._text.partition("\n")
        ended = bool(newline) or final
        join = SAME if self._within_line else BELOW
        if len(line) > LONGEST_LINE:
            self._finish(lines, _code(fence.highlighter.close()))
            end = cut_at(line, LONGEST_LINE)
            code = line[:end] if self._within_line else _dedent(line[:end], fence.indent)
            self._finish(lines, [Line("code", (Run(code),), join=join)])
            self._within_line = True
            return end
        if not ended:
            return 0
        if self._within_line:
            self._finish(lines, [Line("code", (Run(line),), join=join)] if line else [])
            self._within_line = False
        elif fence.closed_by(line):
            self._finish(lines, _code(fence.highlighter.close()))
            self._fence = None
        else:
            self._finish(lines, _code(fence.highlighter.add(_dedent(line, fence.indent))))
        return len(line) + len(newline)

    # --- tables ------------------------------------------------------------------------------------------------------

    @property
    def _heading_lines(self) -> int:
        return 0 if self._table is None else 2

    def _take_rows(self, unit: _Unit, page: _Page, lines: list[Line]) -> int:
        """Finish the first rows of a table that is long or wide; its heading stays for the rest."""
        if unit.kind != "table_open":
            return 0
        rows = unit.row_starts
        count = min(TABLE_ROWS, len(rows) - 1)
        if count < 1:
            return 0
        begun = self._table if unit.goes_on else None
        end = rows[count] - self._heading_lines
        self._define(page, end)
        written = self._lines(unit, page._replace(references=self.references), count)
        self._join = self._join_of(page)
        self._finish(lines, written)
        self._table = begun or (page.line(unit.start) + page.line(unit.start + 1), written[0].columns)
        return page.starts[end]

    # --- from tokens to lines ----------------------------------------------------------------------------------------

    def _parse(self, source: str) -> _Page:
        references = dict(self.references)
        heading = self._table[0] if self._table else ""
        tokens = _BLOCKS.parse(heading + source, {"references": references, "in_list": self._in_list})
        starts = [0]
        for line in source.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        starts[-1] = len(source)
        units = list(_units(tokens, self._heading_lines, self._in_list, self._number))
        return _Page(source, units, starts, references)

    def _join_of(self, page: _Page) -> int:
        """What was cut goes on below, unless a blank line or a new kind of block has ended it."""
        return APART if page.units and page.units[0].start > 0 else self._join

    def _lines(self, unit: _Unit, page: _Page, rows: int | None = None) -> list[Line]:
        """The lines of a unit; of a table only the first `rows` rows."""
        if any(token.level > DEEPEST for token in unit.tokens):  # markdown-it drops what is nested deeper than it likes
            return list(plain_lines("".join(map(page.line, range(unit.start, unit.end))).rstrip("\n")))
        if unit.kind == "table_open":
            begun = self._table if unit.goes_on else None
            return list(self._table_lines(unit.tokens, page.references, "", rows, begun))
        return list(self._walk(unit, page.references))

    def _walk(self, unit: _Unit, references: dict[str, Any]) -> Iterator[Line]:
        path = marker = ""
        numbers = [unit.number]  # of the next item of each list that is open
        level = 0
        tokens = unit.tokens
        for index, token in enumerate(tokens):
            kind = token.type
            if marker and (kind in _ENDS_MARKER or kind.endswith("_list_open")):
                yield Line("text", path=path, marker=marker)
                marker = ""
            if kind == "blockquote_open":
                path += "q"
            elif kind in ("blockquote_close", "list_item_close"):
                path = path[:-1]
            elif kind == "list_item_open":
                number = numbers[-1]
                marker = _BULLETS[min(path.count("l"), len(_BULLETS) - 1)] if number is None else f"{number}."
                numbers[-1] = None if number is None else number + 1
                path += "l"
            elif kind == "ordered_list_open":
                numbers.append(_first_number(token))
            elif kind == "bullet_list_open":
                numbers.append(None)
            elif kind in ("ordered_list_close", "bullet_list_close"):
                numbers.pop()
            elif kind == "heading_open":
                level = int(token.tag[1:])
            elif kind == "heading_close":
                level = 0
            elif kind == "hr":
                yield Line("rule", path=path)
            elif kind == "table_open":
                yield from self._table_lines(tokens[index:], references, path)
            elif kind in ("fence", "code_block"):
                yield from _whole_code(token, path)
            elif kind == "inline" and tokens[index - 1].type in ("paragraph_open", "heading_open"):
                runs = self._runs(token.content, references)
                if marker and runs and (task := _TASK.match(runs[0].text)):
                    marker = "☐" if task[1] == " " else "☑"
                    runs = (runs[0]._replace(text=runs[0].text[task.end() :]), *runs[1:])
                yield from _divide(Line("heading" if level else "text", runs, path, marker, level))
                marker = ""

    def _table_lines(
        self,
        tokens: Sequence[Token],
        references: dict[str, Any],
        path: str,
        limit: int | None = None,
        begun: tuple[str, tuple[Column, ...]] | None = None,
    ) -> Iterator[Line]:
        """A table's rows in groups of TABLE_ROWS; without its heading when that was written before (`begun`)."""
        rows: list[list[Runs]] = []
        aligns: list[str] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                aligns.append(str(token.attrGet("style") or "text-align:left").removeprefix("text-align:"))
            elif token.type == "inline":
                rows[-1].append(self._runs(token.content, references))
        body = rows[1:] if limit is None else rows[1 : limit + 1]
        if len(aligns) > TABLE_COLUMNS:
            for row in body if begun else [rows[0], *body]:
                yield from _divide(Line("text", merged(run for cell in row for run in (*cell, Run("  "))), path))
            return
        columns = begun[1] if begun else _columns(aligns, [rows[0], *body[:TABLE_ROWS]])
        groups = [body[start : start + TABLE_ROWS] for start in range(0, len(body), TABLE_ROWS)]
        if not begun:
            groups = [[rows[0], *(groups[0] if groups else [])], *groups[1:]]
        for index, group in enumerate(groups):
            join = BELOW if begun or index else APART
            yield Line("table", path=path, join=join, columns=columns, rows=tuple(map(tuple, group)))

    def _runs(self, source: str, references: dict[str, Any]) -> Runs:
        if references != self._known_with:  # the open end defines a link, or turned out not to
            self._known_with = references.copy()
            self._known.clear()
        known = self._known.get(source)
        if known is None:
            if len(self._known) > 500:
                self._known.clear()
            known = self._known[source] = inline_runs(source, references, self._offers)
        return known


def _units(tokens: list[Token], heading_lines: int, in_list: bool, number: int | None) -> Iterator[_Unit]:
    """Top-level blocks and items. `number` is that of the first item when the text begins within a numbered list."""
    index = 0
    while index < len(tokens):
        end = index + 1
        if tokens[index].nesting == 1:
            while tokens[end].level > 0:
                end += 1
            end += 1
        block = tokens[index:end]
        if block[0].type in ("bullet_list_open", "ordered_list_open"):
            next_number = None
            if block[0].type == "ordered_list_open":
                next_number = _first_number(block[0]) if number is None or index else number
            goes_on = in_list and index == 0
            first = 0
            for position, token in enumerate(block):
                if token.level != 1:
                    continue
                if token.type == "list_item_open":
                    first = position
                elif token.type == "list_item_close":
                    item = block[first : position + 1]
                    yield _Unit(*_extent(item[0], heading_lines), item, next_number, goes_on)
                    goes_on = True
                    next_number = None if next_number is None else next_number + 1
        else:
            yield _Unit(*_extent(block[0], heading_lines), block, goes_on=heading_lines > 0 and index == 0)
        index = end


def _extent(token: Token, heading_lines: int) -> tuple[int, int]:
    assert token.map is not None
    return max(0, token.map[0] - heading_lines), max(0, token.map[1] - heading_lines)


def _first_number(token: Token) -> int:
    start = token.attrGet("start")
    return 1 if start is None else int(start)


def _is_long_table(unit: _Unit) -> bool:
    return unit.kind == "table_open" and len(unit.row_starts) > TABLE_ROWS


def _joined(lines: list[Line], join: int) -> list[Line]:
    """The same lines, the first following what is above it as `join` says, if both are text."""
    if join and lines and lines[0].kind == "text" and not lines[0].marker:
        return [lines[0]._replace(join=join), *lines[1:]]
    return lines


def _columns(aligns: list[str], rows: list[list[Runs]]) -> tuple[Column, ...]:
    def width(column: int) -> int:
        return max(sum(len(run.text) for run in row[column]) if column < len(row) else 0 for row in rows)

    return tuple(Column(align, min(max(width(column), 3), 40)) for column, align in enumerate(aligns))


# --- code ------------------------------------------------------------------------------------------------------------


def _language(token: Token) -> str:
    label = _LABEL.match(token.info.strip())
    return label[0] if label else ""


def _code_title(language: str, path: str = "") -> Line:
    return Line("code-title", (Run(language),) if language else (), path)


def _code(code: Iterable[CodeLine], path: str = "") -> list[Line]:
    lines = (Line("code", tuple(Run(piece.text, role=piece.role) for piece in one), path) for one in code)
    return [part for line in lines for part in _divide(line, BELOW)]


def _whole_code(token: Token, path: str) -> Iterator[Line]:
    language = _language(token) if token.type == "fence" else ""
    yield _code_title(language, path)
    highlighter = Highlighter(language)
    for line in token.content.removesuffix("\n").split("\n") if token.content else []:
        yield from _code(highlighter.add(line), path)
    yield from _code(highlighter.close(), path)


# --- text ------------------------------------------------------------------------------------------------------------


def _dedent(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" "))) :]


def _divide(line: Line, join: int | None = None) -> list[Line]:
    """The line, in several parts when it is too long for one block of layout."""
    line = line if join is None else line._replace(join=join)
    if sum(len(run.text) for run in line.runs) <= LONGEST_LINE:
        return [line]
    parts: list[list[Run]] = [[]]
    room = LONGEST_LINE
    for run in line.runs:
        text = run.text
        while len(text) > room:
            end = cut_at(text, room) if room > 1 else room
            parts[-1].append(run._replace(text=text[:end]))
            parts.append([])
            text, room = text[end:], LONGEST_LINE
        if text:
            parts[-1].append(run._replace(text=text))
            room -= len(text)
    first, *rest = (tuple(part) for part in parts if part)
    return [line._replace(runs=first), *(line._replace(runs=part, marker="", join=SAME) for part in rest)]


def words(lines: list[Line]) -> str:
    """The text alone, as it is read out."""
    return "\n".join("".join(run.text for run in line.runs) for line in lines)
