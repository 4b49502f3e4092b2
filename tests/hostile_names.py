"""Two hundred names that a repository must not get away with, and good ones beside them."""

from __future__ import annotations

import unicodedata
from itertools import product

_WORDS = ("x", "model.gguf", "a/b.json")
_UP = ("../{}", "../../{}", "a/../{}", "a/../../{}", "{}/..", "..", "./{}", "a/./{}", "a//{}", "{}/", "a/.../{}")
_ABSOLUTE = ("/{}", "//host/share/{}", "/etc/{}", "///{}")
_WINDOWS = (
    "C:{}", "C:/{}", "c:\\{}", "\\{}", "\\\\host\\share\\{}", "\\\\?\\C:\\{}", "\\??\\UNC\\host\\{}", "..\\{}",
    "a\\..\\{}", "a/..\\{}", "{}:stream", "{}::$DATA",
)  # fmt: skip
_ENDS = ("{}.", "{} ", "{}..", "{}. .", " {}", "a./{}", "a /{}", ".. /{}", ". ./{}")
_DEVICES = (
    "CON", "con", "PRN", "AUX", "NUL", "nul", "COM1", "com9", "LPT1", "lpt9", "COM¹", "LPT³", "CONIN$", "conout$",
)  # fmt: skip
_ON_DEVICES = ("{}", "{}.gguf", "{}.tar.gz", "a/{}/b", "{} .txt", "a/{}")
_SIGNS = ("a<b", "a>b", 'a"b', "a|b", "a?b", "a*b", "a\0b", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u202eb", "a\u2066b")
_LONG = ("x" * 256, "a/" + "é" * 128, "/".join(["abcdefg"] * 130), "x" * 5000)
_OTHER = ("", " ", ".", "\udc80", "a/\udcff.json", "~/../../x")

HOSTILE: list[str] = [
    *(form.format(word) for form, word in product((*_UP, *_ABSOLUTE, *_WINDOWS, *_ENDS), _WORDS)),
    *(form.format(device) for form, device in product(_ON_DEVICES, _DEVICES)),
    *_SIGNS,
    *_LONG,
    *_OTHER,
]
HOSTILE = list(dict.fromkeys(HOSTILE))

COLLISIONS: list[tuple[str, str]] = [
    ("model.gguf", "Model.gguf"),
    ("a/config.json", "a/CONFIG.json"),
    ("A/config.json", "a/config.json"),
    ("a", "a/b"),
    ("A", "a/b/c"),
    ("straße", "STRASSE"),
    ("é.json", unicodedata.normalize("NFD", "é.json")),
    ("Å.json", "\u212b.json"),  # the sign of a unit
    ("ﬁle", "FILE"),
    ("İ.txt", "i\u0307.txt"),
]

GOOD = [
    "model.gguf",
    "data/train-00000-of-00001.parquet",
    ".gitattributes",
    "config..json",
    "con fig.json",
    "console.json",
    "COM10.json",
    "nul-model.json",
    "名前/模型.gguf",
    "naïve café.txt",
    "x" * 255,
    "a+b=c&d;e,f'g(h)[i]{j}~k!@#$%^`.txt",
]
