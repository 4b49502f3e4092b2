"""Texts of every construct of Markdown, whole and broken, for tests with many trials."""

from __future__ import annotations

import random

_WORDS = [
    *"word *em* **strong** `code` [link](http://a.b/c) [ref] ![img](//h/x) <b> 👩‍👩‍👧‍👦 مرحبا e\u0301 &amp;".split(),
    *"\\* ~~no~~ http://x.y/z. _a_ | # - > ``` [[ *** \u2029a \ufffc \ufdd0".split(" "),
    *("- x", "1. y", "> q", "A" * 120),
]
_CODE = ("def f():", "    return '''a", "'''", "", "  x = 1", "/* c", "*/", "``", "B" * 200)


def random_text(chance: random.Random, long_runs: bool = True) -> str:
    """A text of up to fifteen parts; with `long_runs`, among them lines of thousands of characters."""
    return "".join(_part(chance, long_runs) for _ in range(chance.randint(1, 15)))


def _part(chance: random.Random, long_runs: bool) -> str:
    def words(most: int = 8) -> str:
        return " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, most)))

    def many(line: str, most: int = 6) -> str:
        return "".join(f"{line.format(n=chance.randint(0, 12))}{words(4)}" + _end(chance) for _ in range(most))

    end, indent = _end(chance), " " * chance.choice([0, 0, 0, 0, 1, 2, 3, 4, 6])
    match chance.randrange(18):
        case 0:
            return "#" * chance.randint(1, 7) + " " + words(4) + end
        case 1:
            return words(3) + "\n" + chance.choice(["===", "---", "-", "="]) + end
        case 2:
            return many(indent + chance.choice(["- ", "* ", "+ ", "  - ", "    - ", "-"]), chance.randint(1, 6))
        case 3:
            return many(indent + "{n}" + chance.choice(".)") + " ", chance.randint(1, 6))
        case 4:
            fence = chance.choice(["```", "~~~", "````", "~~~~~"])
            label = chance.choice(["python", "", "js title=x", "unknown", " rust"])
            code = "".join(chance.choice(_CODE) + "\n" for _ in range(chance.choice([1, 3, 5, 90])))
            return f"{indent}{fence}{label}\n{code}" + chance.choice([fence, "", indent + fence, f"  {fence}  "]) + end
        case 5:
            columns = chance.randint(1, 4)
            cells = [
                "|".join(words(2).replace("|", "") for _ in range(columns))
                for _ in range(chance.choice([1, 4, 40, 75]))
            ]
            rule = "|".join(chance.choice(["---", ":-:", "--:"]) for _ in range(columns))
            return (
                f"|{cells[0]}|\n|{rule}|\n"
                + "".join(f"|{row}|\n" for row in cells[1:])
                + chance.choice(["", "\n", "text\n"])
            )
        case 6:
            return "".join("> " * chance.randint(1, 3) + words(4) + "\n" for _ in range(3)) + chance.choice(["", "\n"])
        case 7:
            definitions = [
                "[ref]: http://r.e/f\n",
                "[ref]:\n/url\n",
                "[ref]: http://x.y 'title'\n\n",
                '[ref]: <http://a>\n"ti\ntle"\n',
                "[ref]: http://a is none\n",
                "[ref]: http://a|b\n---|---\n",
                "- [ref]: http://i.t/em\n",
                "> [ref]: http://q.u/ote\n",
            ]
            return chance.choice(definitions) if chance.random() < 0.3 else end
        case 8:
            return chance.choice(["---", "***", "___", "- - -"]) + end
        case 9:
            return f"<div>\n{words()}\n</div>{end}"
        case 10:
            unit = chance.choice(["A", "ab ", "*", "[", "é", "👩‍👧", "#", "> ", "- ", " "])
            return unit * chance.choice([1500, 5000] if long_runs else [100]) + end
        case 11:
            return f"- [ ] {words(2)}\n- [x] {words(3)}\n"
        case 12:
            return "    indented code\n\n    more\n" + chance.choice(["", "\n"])
        case 13:
            code = "\n  ".join(["x = 1"] * chance.choice([2, 80]))
            return f"- item\n\n  para {words()}\n\n  ```python\n  {code}\n  ```\n"
        case 14:
            return "".join(words(8) + "\n" for _ in range(chance.choice([3, 40])))
        case 15:
            return f"  {words(2)}  \n{words(3)}\\\n"
        case 16:
            return "1. a\n   > q\n   > - b\n   >   1. c\n"
        case _:
            return indent + words() + end


def _end(chance: random.Random) -> str:
    return chance.choice(["\n", "\n", "\r\n", "\n\n", "\n\n", "\r"])
