"""Opening a model for a chat: whose options count, what a template makes of a conversation, adapters that change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import CHATML, ScriptedBackend, ScriptedRuntime
from gguf_files import GGUF

from engine import jobs
from engine.chat import backend as backends
from engine.chat.backend import LocalBackend, open_backend
from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.jobs import JobContext
from engine.library import model_settings, models
from engine.library.model_settings import ModelSettings

TINY = "gguf-tiny-random/llama-2-tiny-random.gguf"
HI = [Message("user", "hi").to_json()]


@pytest.fixture
def tiny(data: Callable[[str], Path]) -> Path:
    return data(TINY)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options that runtimes were opened with."""
    seen: list[dict[str, Any]] = []

    def open_runtime(model: object, backend: str | None, **options: Any) -> ScriptedRuntime:
        seen.append({name: value for name, value in options.items() if name != "on_load"})
        return ScriptedRuntime()

    monkeypatch.setattr(backends, "open_runtime", open_runtime)
    return seen


def run(job: str, context: JobContext | None = None, **params: Any) -> Any:
    """The statistics a job ends with, or its failure."""
    *_, last = jobs.run(jobs.find(job), params, context or JobContext())
    assert isinstance(last, Finished | Failed)
    return last.stats if isinstance(last, Finished) else last


# --- whose options count ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("called", ["by name", "by path"])
def test_what_is_kept_for_a_model_comes_between_defaults_and_what_is_asked(
    opened: list[dict[str, Any]], tiny: Path, called: str
) -> None:
    models.add(tiny, "Tiny")
    model_settings.save("Tiny", ModelSettings(threads=1, context=256, cache_type="f32", adapters=(("a.gguf", 0.5),)))
    model = "Tiny" if called == "by name" else str(tiny)
    open_backend(model, defaults={"threads": 8, "memory_percent": 50}, context=128).close()
    open_backend(model, context=None).close()  # asked for what is automatic
    common = {"threads": 1, "cache_type": "f32", "adapters": (("a.gguf", 0.5),)}
    assert opened == [common | {"context": 128, "memory_percent": 50}, common | {"context": None}]


def test_a_model_outside_the_library_has_nothing_kept(opened: list[dict[str, Any]], tiny: Path) -> None:
    model_settings.save(tiny.stem, ModelSettings(context=256))
    open_backend(tiny, defaults={"threads": 2}).close()
    assert opened == [{"threads": 2}]


def test_each_form_of_the_starter_has_settings_of_its_own(opened: list[dict[str, Any]]) -> None:
    model_settings.save("starter", ModelSettings(context=256, cache_type="f32"))
    model_settings.save("starter (in-house)", ModelSettings(context=128, cache_type="f32"))
    open_backend("starter").close()
    open_backend("starter", "gpt").close()
    assert opened == [{"context": 256, "cache_type": "f32"}, {"context": 128}]


def test_the_job_passes_options_and_defaults_on(opened: list[dict[str, Any]], tiny: Path) -> None:
    run("load", model=str(tiny), options={"context": 64, "template": "x"}, defaults={"context": 32, "threads": 1})
    assert opened == [{"context": 64, "threads": 1}]


def test_a_failed_option_is_a_failure_with_a_sentence(tiny: Path) -> None:
    failed = run("load", model=str(tiny), options={"cache_type": "q8_0", "flash_attention": False})
    assert failed.code == "flash_attention_needed"


def test_draft_model_and_adapters_may_be_called_by_name(tiny: Path, data: Callable[[str], Path]) -> None:
    models.add(tiny, "Tiny")
    options = {"threads": 1, "context": 64, "speculation": "draft", "draft_model": "Tiny"}
    assert run("load", model=str(tiny), options=options)["context"] == 64
    failed = run("load", model=str(tiny), options=options | {"draft_model": "Nobody"})
    assert (failed.code, failed.data["name"]) == ("unknown_model", "Nobody")
    failed = run("load", model=str(tiny), options={"adapters": [["Nobody", 1.0]]})
    assert (failed.code, failed.data["name"]) == ("unknown_model", "Nobody")
    mini = data("malformed-models/gguf/valid-mini.gguf")
    failed = run("load", model=str(tiny), options=options | {"draft_model": str(mini)})
    assert failed.code == "draft_unlike"


@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_a_load_stops_when_it_is_cancelled_and_the_next_one_begins(backend: str) -> None:
    context = JobContext()
    context.cancelled.set()
    events = list(jobs.run(jobs.find("load"), {"model": "starter", "backend": backend}, context))
    assert (events, context.state) == ([Finished("cancelled")], {})
    context.cancelled.clear()
    assert run("load", context, model="starter", backend=backend)["backend"] == backend
    context.state["backend"].close()


# --- templates -------------------------------------------------------------------------------------------------------


def prompt_with(template: str | None) -> str:
    runtime = ScriptedRuntime().enqueue("ok")
    backend = LocalBackend(runtime, template=template)
    list(backend.stream([Message("user", "hi")]))
    backend.close()
    return b"".join(map(runtime.piece, runtime.prompts[0])).decode()


def test_a_template_takes_the_place_of_the_models_own() -> None:
    own = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    assert prompt_with("{{ messages[0].content }}!") == "hi!"
    assert prompt_with(None) == prompt_with("") == prompt_with(" \n") == own


def test_info_has_the_template_that_is_used() -> None:
    for template, used in (("{{ 1 }}", "{{ 1 }}"), (None, CHATML)):
        backend = LocalBackend(ScriptedRuntime(), template=template)
        assert backend.info.template == used
        backend.close()


def test_the_template_kept_for_a_model_is_used_unless_another_is_given(
    opened: list[dict[str, Any]], tiny: Path
) -> None:
    models.add(tiny, "Tiny")
    model_settings.save("Tiny", ModelSettings(template="kept"))
    for given, used in ((None, "kept"), ("given", "given")):
        backend = open_backend("Tiny", template=given)
        assert backend.info.template == used
        backend.close()
    assert opened == [{}, {}]


@pytest.fixture
def context() -> Iterator[JobContext]:
    context = JobContext()
    yield context
    if "renderer" in context.state:
        context.state["renderer"].close()


def test_a_template_is_shown_with_the_tokens_of_its_model(context: JobContext, tiny: Path) -> None:
    template = "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}"
    assert run("render_template", context, model=str(tiny), template=template, messages=HI) == {
        "text": "<s>user: hi</s>",
        "cut": False,
    }
    shown = run("render_template", context, model="starter", backend="gpt", template=template, messages=HI)
    assert shown["text"] == "user: hi<|endoftext|>"


def test_without_a_template_the_models_own_is_shown(context: JobContext, tiny: Path, tmp_path: Path) -> None:
    model = (
        GGUF.read(tiny).set("tokenizer.chat_template", "text", "own {{ messages | length }}").write(tmp_path / "a.gguf")
    )
    assert run("render_template", context, model=str(model), messages=HI)["text"] == "own 1"
    own = run("render_template", context, model="starter", backend="gpt", template="", messages=HI)["text"]
    assert own == run("render_template", context, model="starter", messages=HI)["text"]
    assert "hi" in own
    failed = run("render_template", context, model=str(tiny), messages=HI)
    assert str(EngineError(failed.code, **failed.data)).startswith("llama-2-tiny-random has no chat template.")


@pytest.mark.parametrize(
    ("template", "code", "line"),
    [
        ("a\n{% for %}", "template_broken", 2),
        ("a\nb\n{{ 1 / 0 }}", "template_broken", 3),
        ("\n{{ raise_exception('no') }}", "template_refused", 2),
        ("\n\n\n{{ ''.__class__ }}", "template_refused", 4),
    ],
)
def test_a_broken_template_names_its_line(context: JobContext, template: str, code: str, line: int) -> None:
    failed = run("render_template", context, model="starter", template=template, messages=HI)
    assert (failed.code, failed.data["line"]) == (code, line)
    assert f"(line {line})" in failed.data["reason"]


def test_what_is_shown_is_no_longer_than_an_event_may_be(context: JobContext) -> None:
    template = "{% for n in range(60000) %}\U0001f642{% endfor %}"
    shown = run("render_template", context, model="starter", template=template, messages=HI)
    assert (len(shown["text"]), shown["cut"]) == (50_000, True)


def test_messages_that_are_none_are_refused(context: JobContext) -> None:
    failed = run("render_template", context, model="starter", messages=[{"role": "nobody"}])
    assert failed.code == "usage"


# --- adapters --------------------------------------------------------------------------------------------------------


def test_adapters_change_on_the_runtimes_own_thread() -> None:
    runtime = ScriptedRuntime().enqueue("ok")
    backend = LocalBackend(runtime)
    backend.set_adapters([("a.gguf", 0.5)])
    list(backend.stream([Message("user", "hi")]))
    assert runtime.adapters == [("a.gguf", 0.5)]
    assert len(runtime.threads) == 1
    backend.close()


def test_the_job_finds_adapters_by_name(tiny: Path) -> None:
    context = JobContext()
    context.state["backend"] = ScriptedBackend()
    models.add(tiny, "Tiny")
    assert run("adapt", context, adapters=[["Tiny", 0.5], [str(tiny), 2]])["adapters"] == [
        ["Tiny", 0.5],
        [str(tiny), 2],
    ]
    assert context.state["backend"].adapters == [(tiny, 0.5), (tiny, 2)]
    assert run("adapt", context, adapters=[["Nobody", 1]]).code == "unknown_model"
    assert run("adapt", adapters=[]).code == "no_model_loaded"


def test_an_adapter_that_is_none_leaves_the_chat_as_it_was(tiny: Path) -> None:
    context = JobContext()
    run("load", context, model=str(tiny), options={"threads": 1, "context": 64})
    assert run("adapt", context, adapters=[[str(tiny), 1.0]]).code == "adapter_not_loaded"
    assert run("chat", context, messages=HI, options={"max_tokens": 3})["output_tokens"] == 3
    context.state["backend"].close()
