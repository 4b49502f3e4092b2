"""Chat templates: the same text as transformers, and nothing a hostile template may do to us."""

from __future__ import annotations

import json
import lzma
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.chat import templates
from engine.chat.messages import Message
from engine.chat.templates import Rendering, TemplateRenderer
from engine.errors import EngineError
from engine.phrases import Phrase, packed
from engine.processes import helper_command

HELLO = [Message("user", "hello")]
ECHO = "{% for message in messages %}{{ message.content }}{% endfor %}"
SLACK_SECONDS = 1.5  # a busy machine; the promise is 2 s of rendering


@pytest.fixture(scope="module")
def renderer() -> Iterator[TemplateRenderer]:
    renderer = TemplateRenderer()
    yield renderer
    renderer.close()


def render_row(renderer: TemplateRenderer, template: str, row: dict[str, Any]) -> str:
    return renderer.render(
        template,
        [Message(m["role"], m["content"]) for m in row["messages"]],
        bos_token=row["bos_token"],
        eos_token=row["eos_token"],
        add_generation_prompt=row["add_generation_prompt"],
    )


def render_with_transformers(template: str, row: dict[str, Any]) -> str:
    from transformers.utils.chat_template_utils import render_jinja_template

    names = ("add_generation_prompt", "bos_token", "eos_token")
    texts, _ = render_jinja_template([row["messages"]], chat_template=template, **{name: row[name] for name in names})
    return texts[0]


def test_all_recorded_renderings_are_reproduced(data: Callable[..., Path], renderer: TemplateRenderer) -> None:
    folder = data("chat-templates")
    with lzma.open(folder / "renderings.jsonl.xz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert len(rows) == 780
    outcomes = {"recorded": 0, "transformers": 0, "refused": 0}
    for row in rows:
        template = (folder / row["template"]).read_text(encoding="utf-8")
        # The recording had neither a clock nor generation blocks; for these, transformers itself is the judge.
        live = "strftime_now" in template or "Encountered unknown tag 'generation'" in row.get("error", "")
        try:
            text = render_row(renderer, template, row)
        except EngineError as error:
            if "error" not in row or error.code not in ("template_broken", "template_refused"):
                raise
            outcomes["refused"] += 1
            continue
        if live:
            assert text == render_with_transformers(template, row), (row["template"], row["case"])
            outcomes["transformers"] += 1
        else:
            assert text == row.get("output"), (row["template"], row["case"])
            outcomes["recorded"] += 1
    assert outcomes == {"recorded": 613, "transformers": 101, "refused": 66}


def test_renderings_that_llama_cpp_expects(data: Callable[..., Path], renderer: TemplateRenderer) -> None:
    rows = [json.loads(line) for line in data("chat-templates/expected-llamacpp.jsonl").read_text().splitlines()]
    assert len(rows) == 15
    for row in rows:
        assert render_row(renderer, row["template"], row) == row["expected"], row["name"]


HOSTILE = {
    "endless loop": ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "too_slow"),
    "endless output": ("{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}", "too_large"),
    "slow arithmetic": ("{{ (10 ** (10 ** 9)) % 7 }}", "too_slow"),
    "3 GB string": ("{{ 'a' * 3000000000 }}", "too_large"),
    "3 GB list": ("{{ [1] * 400000000 }}", "too_large"),
    "3 GB by format": ("{{ '%03000000000d' | format(1) }}", "too_large"),
    "doubling": (
        "{% set n = namespace(a='a') %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}",
        "too_large",
    ),
    "5 MB of output": ("{{ 'a' * 5000000 }}", "too_large"),
    "endless recursion": ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "broken"),
    "deep nesting": ("{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "broken"),
    "range": ("{{ range(100001) }}", "broken"),
    "class": ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "refused"),
    "class, unused": ("{% set x = ''.__class__ %}", "refused"),
    "attr": ("{{ '' | attr('__class__') }}", "refused"),
    "attr of format": ("{{ ('{0.__class__}' | attr('format'))('') }}", "refused"),
    "format": ("{{ '{0.__class__.__mro__}'.format('') }}", "refused"),
    "format_map": ("{{ '{a.__class__}'.format_map({'a': ''}) }}", "refused"),
    "cycler": ("{{ cycler.__init__.__globals__.os.popen('touch canary').read() }}", "refused"),
    "lipsum": ("{{ lipsum.__globals__['os'].popen('touch canary').read() }}", "refused"),
    "joiner": ("{{ joiner.__init__.__globals__ }}", "refused"),
    "namespace": ("{{ namespace.__init__.__globals__ }}", "refused"),
    "namespace class": ("{% set n = namespace(__class__=1) %}", "refused"),
    "self": ("{{ self.__init__.__globals__ }}", "refused"),
    "clock": ("{{ strftime_now.__globals__ }}", "refused"),
    "map attribute": ("{{ [''] | map(attribute='__class__') | list }}", "refused"),
    "changed input": ("{{ messages.append(1) }}", "refused"),
    "include": ("{% include '/etc/passwd' %}", "broken"),
    "import": ("{% import 'os' as os %}", "broken"),
    "syntax": ("{% if %}", "broken"),
    "division": ("line one\n{{ 1 / 0 }}", "broken"),
    "undefined": ("{{ nothing.at.all }}", "broken"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_is_a_named_error_and_the_next_rendering_works(
    name: str, renderer: TemplateRenderer
) -> None:
    template, verdict = HOSTILE[name]
    renderer.render(ECHO, HELLO)  # it is running: what follows is the template's own time
    started = time.monotonic()
    with pytest.raises(EngineError) as caught:
        renderer.render(template, HELLO)
    assert time.monotonic() - started < templates.RENDER_SECONDS + SLACK_SECONDS
    assert caught.value.code == f"template_{verdict}"
    assert renderer.render(ECHO, HELLO) == "hello"
    assert not list(Path.cwd().glob("canary"))


def test_an_error_names_its_line_and_reason(renderer: TemplateRenderer) -> None:
    with pytest.raises(EngineError, match=r"division by zero \(line 2\)"):
        renderer.render("one\n{{ 1 / 0 }}", HELLO)
    with pytest.raises(EngineError, match=r"unexpected.*\(line 3\)"):
        renderer.render("\n\n{{ } }}", HELLO)
    with pytest.raises(EngineError, match="refused this conversation: Only one question, please"):
        renderer.render("{{ raise_exception('Only one question, please.') }}", HELLO)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ ''.__class__ }}", "it reaches for '__class__' of a str"),
        ("{{ namespace(_a=1) }}", "a namespace may not hold the name '_a'"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "it nests without end"),
    ],
)
def test_words_of_ours_come_back_as_phrases(template: str, said: str, renderer: TemplateRenderer) -> None:
    with pytest.raises(EngineError) as caught:
        renderer.render(template, HELLO)
    reason = caught.value.data["reason"]
    assert isinstance(reason, Phrase)
    assert reason == f"{said} (line 1)"
    assert said in str(packed(reason))


def test_the_hostile_templates_inside_model_files(data: Callable[..., Path], renderer: TemplateRenderer) -> None:
    from gguf import GGUFReader

    verdicts = {
        "template-endless-loop": {"template_too_slow", "template_broken"},
        "template-sandbox-escape": {"template_refused"},
        "template-syntax-error": {"template_broken"},
        "template-big-string": {"template_too_large"},
    }
    for name, codes in verdicts.items():
        field = GGUFReader(data(f"malformed-models/gguf/{name}.gguf")).fields["tokenizer.chat_template"]
        with pytest.raises(EngineError) as caught:
            renderer.render(field.contents(), HELLO)
        assert caught.value.code in codes, name
        assert renderer.render(ECHO, HELLO) == "hello"


def test_the_parent_guards_memory_where_the_system_does_not() -> None:
    """macOS ignores the helper's own limit; here ours is set far below it, so that only ours can strike."""
    renderer = TemplateRenderer(memory_bytes=100 * 2**20)
    renderer.render(ECHO, HELLO)
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(EngineError) as caught:
        renderer.render("{% set x = 'a' * 200000000 %}" + loop, HELLO)
    assert caught.value.code == "template_too_large"
    renderer.close()


def test_a_history_beyond_all_measure_is_refused_before_it_is_sent(renderer: TemplateRenderer) -> None:
    with pytest.raises(EngineError) as caught:
        renderer.render(ECHO, [Message("user", "a" * 1000)] * 20_000)
    assert caught.value.code == "template_too_large"


def test_any_text_comes_back_as_it_went(renderer: TemplateRenderer) -> None:
    for text in ("\0", "a\nb\r\n", "é 你好 🙂", "\u2028", '"\\', "\ud800 lone", "x" * 100_000):
        assert renderer.render(ECHO, [Message("user", text)]) == text


def test_loop_controls_generation_blocks_and_json(renderer: TemplateRenderer) -> None:
    assert (
        renderer.render("{% for i in range(5) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", []) == "01"
    )
    assert renderer.render("{% generation %}{% set x = 1 %}[{{ x }}]{% endgeneration %}{{ x }}", []) == "[1]"
    assert renderer.render("{{ {'b': 'é<'} | tojson }}", []) == '{"b": "é<"}'
    assert renderer.render("{{ {'b': 1} | tojson(indent=2) }}", []) == '{\n  "b": 1\n}'


def test_the_helper_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-7f3a")
    renderer = TemplateRenderer()
    renderer.render(ECHO, HELLO)
    assert renderer._process is not None
    assert "canary-7f3a" not in psutil.Process(renderer._process.pid).environ().values()
    renderer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set and read here only")
def test_the_helper_limits_itself() -> None:
    renderer = TemplateRenderer()
    renderer.render(ECHO, HELLO)
    assert renderer._process is not None
    helper = psutil.Process(renderer._process.pid)
    assert helper.rlimit(psutil.RLIMIT_AS) == (512 * 2**20, 512 * 2**20)
    assert helper.rlimit(psutil.RLIMIT_FSIZE) == helper.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    renderer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_in_a_terminal_leaves_the_helper_alone() -> None:
    renderer = TemplateRenderer()
    renderer.render(ECHO, HELLO)
    process = renderer._process
    assert process is not None
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    assert renderer.render(ECHO, HELLO) == "hello"
    assert renderer._process is process
    renderer.close()


def test_a_helper_that_died_between_renderings_is_replaced() -> None:
    renderer = TemplateRenderer()
    renderer.render(ECHO, HELLO)
    assert renderer._process is not None
    renderer._process.kill()
    renderer._process.wait()
    assert renderer.render(ECHO, HELLO) == "hello"
    renderer.close()
    renderer.close()


def test_a_helper_that_dies_while_rendering_is_a_named_error(monkeypatch: pytest.MonkeyPatch) -> None:
    # "ready", then death at the first request
    program = "print('[]', flush=True); input()"
    monkeypatch.setattr(templates, "helper_command", lambda _: [sys.executable, "-c", program])
    renderer = TemplateRenderer()
    with pytest.raises(EngineError) as caught:
        renderer.render(ECHO, HELLO)
    assert caught.value.code == "template_broken"
    renderer.close()


def test_the_helper_ends_with_its_input_and_keeps_its_stdout_private() -> None:
    done = subprocess.run(helper_command("templates"), input=b"", capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
    assert done.stdout == b"[]\n"


def test_an_orphan_does_not_spin_for_ever() -> None:
    """A parent that was killed can no longer kill: the helper's own last resort ends it."""
    helper = templates._start_helper()
    assert helper.stdin is not None
    assert helper.stdout is not None
    helper.stdout.readline()
    request = {"template": HOSTILE["slow arithmetic"][0], "many": [{}]}
    helper.stdin.write(json.dumps(request).encode() + b"\n")
    helper.stdin.close()
    assert helper.wait(timeout=15) != 0
    helper.stdout.close()


def test_many_renderings_together_are_those_one_by_one(renderer: TemplateRenderer) -> None:
    template = (
        "{% for m in messages %}{% if m.content == 'no' %}{{ raise_exception('not that') }}{% endif %}"
        "{{ m.role }}:{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}?{% endif %}"
    )
    contents = ["hello", "no", "", "é🙂\n", "a" * 60_000] * 16
    renderings = [Rendering([Message("user", text)], n % 2 == 0) for n, text in enumerate(contents)]
    for asked, found in zip(renderings, renderer.render_all(template, renderings, eos_token="</s>"), strict=True):
        more = {"eos_token": "</s>", "add_generation_prompt": asked.add_generation_prompt}
        if isinstance(found, EngineError):
            assert found.code == "template_refused"
            with pytest.raises(EngineError, match=re.escape(str(found))):
                renderer.render(template, asked.messages, **more)
        else:
            assert found == renderer.render(template, asked.messages, **more)
    assert renderer.render_all(template, []) == []


def test_what_is_too_large_together_is_rendered_one_by_one(renderer: TemplateRenderer) -> None:
    wide = "{% for m in messages %}{{ m.content * 200000 }}{% endfor %}"
    renderings = [Rendering([Message("user", text)]) for text in ("a", "b" * 25, "c" * 10, "d" * 15)]
    found = renderer.render_all(wide, renderings)
    assert [answer if isinstance(answer, str) else answer.code for answer in found] == [
        "a" * 200_000,
        "template_too_large",
        "c" * 2_000_000,
        "d" * 3_000_000,
    ]


def test_a_rendering_that_kills_the_helper_ends_the_many(renderer: TemplateRenderer) -> None:
    """Each further one might take as long for nothing."""
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    slow = "{% if messages[0].content == 'slow' %}" + loop + "{% endif %}{{ messages[0].content }}"
    renderings = [Rendering([Message("user", text)]) for text in ("quick", "slow", "slow", "slow")]
    with pytest.raises(EngineError) as caught:
        renderer.render_all(slow, renderings)
    assert caught.value.code == "template_too_slow"
    assert renderer.render_all(slow, renderings[:1]) == ["quick"]
