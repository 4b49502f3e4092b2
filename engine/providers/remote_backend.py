"""A chat backend whose replies a provider writes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.chat.messages import Asked, ChatOptions, Message, as_message
from engine.errors import EngineError
from engine.events import Event, Finished, Log, TextDelta, ThinkingDelta
from engine.library.memory_fit import Need
from engine.providers import base, prices, reach, remote_models
from engine.providers.base import Dialect, Ended, Provider, RemoteModel, Usage
from engine.providers.dialects import open_dialect
from engine.runtime.base import RuntimeInfo, check_option

_DEFAULTS = ChatOptions()
_LOOKS_S = 0.05  # how often it is looked whether the reply was stopped, while nothing comes


def open_remote(name: str, key: str | None, options: Mapping[str, Any]) -> RemoteBackend:
    """The model called `provider/id`. options: only `context`, positions, may be other than None.

    Raises EngineError `provider_option` for another one, `provider_stays`, and as a provider does that is asked.
    """
    provider, model = remote_models.meant(name)
    remote_models.check_stays(provider, model)
    for option, value in options.items():
        if option != "context" and value is not None:
            raise EngineError("provider_option", name=name, option=option)
    check_option("context", options.get("context"), least=1, whole=True)
    dialect = open_dialect(provider, key)
    try:
        return RemoteBackend(provider, _known(dialect, model), dialect, options.get("context"))
    except BaseException:
        dialect.close()
        raise


def _known(dialect: Dialect, model: RemoteModel) -> RemoteModel:
    """The model, looked up where it is not on the list. Raises EngineError `provider_model_gone`."""
    if any(listed.id == model.id for provider, listed in remote_models.every() if provider.name == model.provider):
        return model
    models = dialect.models()
    if not models:  # it has no list
        return model
    known = (listed for listed in models if listed.id == model.id)
    if (found := next(known, None)) is None:
        raise EngineError("provider_model_gone", name=model.provider, model=base.plain(model.id))
    return found


class RemoteBackend:
    """One model of a provider. Each reply is asked for on a thread of its own, so that stopping never waits.

    remote: `provider`, `kind`, `reach`, `leaves` (into the internet), `offers`, and `price`, as the table has it.
    """

    memory: tuple[Need, int] | None = None

    def __init__(self, provider: Provider, model: RemoteModel, dialect: Dialect, context: int | None = None) -> None:
        """context: positions asked for. Raises EngineError `provider_option` where that cannot be chosen."""
        self.offers = dialect.offers(model)
        if context is not None and "context" not in self.offers:
            raise EngineError("provider_option", name=model.name, option="context")
        self.model = model
        self._context = min(context, model.context or context) if context else None
        self._provider = provider
        self._dialect = dialect
        self._unheeded: set[str] = set()  # of what was asked for; each is said once
        self.info = _info(provider, model, self._context or model.context or 0)
        price = prices.find(provider, model.id)
        self.remote: dict[str, Any] | None = {
            "provider": provider.name,
            "kind": provider.kind,
            "reach": reach.reach(provider.address),
            "leaves": remote_models.leaves(provider, self.model),
            "offers": sorted(self.offers),
            "price": None if price is None else price.to_json(),
        }

    def stream(
        self,
        messages: Sequence[Message | dict[str, Any]],
        options: ChatOptions = _DEFAULTS,
        cancelled: threading.Event | None = None,
        asked: Asked | None = None,
    ) -> Iterator[Event]:
        """Yields `TextDelta`s, `ThinkingDelta`s, `Log` warnings, and one `Finished`; cancelled, that comes at once.

        Blank messages are left out. Nothing is kept here of a chat. stats: tokens and seconds as the provider tells
        them, else None; `cost` by the table of prices; `answered_by`, the model that the provider names;
        `first_token_seconds` is measured here, and so is `output_seconds` where it is not told and everything that was
        written has been seen.
        Raises EngineError `provider_…`; `provider_cannot_continue`, `empty_prompt` and `usage` before asking.
        """
        stop = cancelled or threading.Event()
        conversation = [as_message(message) for message in messages]
        remote_models.check_stays(self._provider, self.model)
        going_on = options.continue_final_message
        if going_on:
            if not conversation or conversation[-1].role != "assistant":
                raise EngineError("usage", reason="only a reply can be continued")
            going_on = bool(conversation[-1].content.strip())  # else nothing of it is there, and it is a new one
            if going_on and "continue" not in self.offers:
                raise EngineError("provider_cannot_continue", name=self._provider.name)
        spoken = _spoken(conversation)
        if not any(message.role != "system" for message in spoken):
            raise EngineError("empty_prompt")
        wanted = replace(options, continue_final_message=going_on, context=self._context)
        return self._answer(spoken, wanted, stop)

    def set_adapters(self, pairs: Sequence[tuple[str | Path, float]]) -> None:
        """Raises EngineError `model_remote` where there are any."""
        if pairs:
            raise EngineError("model_remote", name=self.model.name, provider=self._provider.name)

    def close(self) -> None:
        self._dialect.close()

    def _answer(self, messages: list[Message], options: ChatOptions, stop: threading.Event) -> Iterator[Event]:
        yield from self._warn_of_unheeded(options)
        reply = _Reply()
        try:
            for event in _as_it_comes(lambda: self._dialect.stream(self.model, messages, options, stop), stop):
                if isinstance(event, Ended):
                    reply.end(event)
                else:
                    reply.note(event)
                    yield event
        except GeneratorExit:
            stop.set()
            raise
        if reply.ended is None and not stop.is_set():
            raise EngineError("provider_cut", name=self._provider.name)
        asked, answered = self.model.id, reply.answered_by
        other = answered is not None and not base.is_same(asked, answered)
        if other:
            chose = EngineError("provider_other_model", name=self._provider.name, answered=answered, asked=asked)
            yield Log("warning", str(chose))
        cost = prices.cost(self._provider, answered if answered and other else asked, reply.usage)
        price = None if cost is None else {"amount": cost.amount, "currency": cost.currency}
        reason = "cancelled" if reply.ended is None else reply.ended.reason
        yield Finished(reason, reply.stats() | {"cost": price, "model": self.info.fingerprint})

    def _warn_of_unheeded(self, options: ChatOptions) -> Iterator[Event]:
        unheeded = options.given - self.offers - self._unheeded - {"continue_final_message"}
        if unheeded:
            self._unheeded |= unheeded
            names = ", ".join(sorted(unheeded))
            yield Log("warning", str(EngineError("provider_ignores", name=self.model.name, options=names)))


@dataclass
class _Reply:
    """What is known of a reply so far. Seconds are those of `perf_counter`."""

    started: float = field(default_factory=perf_counter)
    first: float | None = None
    over: float | None = None
    thought: bool = False
    ended: Ended | None = None

    def note(self, event: Event) -> None:
        if isinstance(event, TextDelta | ThinkingDelta):
            self.first = self.first or perf_counter()
            self.thought |= isinstance(event, ThinkingDelta)

    def end(self, ended: Ended) -> None:
        self.ended, self.over = ended, perf_counter()

    @property
    def usage(self) -> Usage:
        return Usage() if self.ended is None else self.ended.usage

    @property
    def answered_by(self) -> str | None:
        return base.plain(self.ended.model) if self.ended is not None and self.ended.model else None

    def stats(self) -> dict[str, Any]:
        usage = self.usage
        writing = usage.output_seconds
        seen = self.thought or not usage.thinking_tokens  # hidden thoughts are counted, and took their time before
        if writing is None and self.first is not None and self.over is not None and seen:
            writing = self.over - self.first
        return {
            "prompt_tokens": usage.prompt_tokens,
            "cached_tokens": usage.cached_tokens,
            "output_tokens": usage.output_tokens,
            "thinking_tokens": usage.thinking_tokens,
            "prompt_seconds": usage.prompt_seconds,
            "output_seconds": writing,
            "first_token_seconds": None if self.first is None else self.first - self.started,
            "tokens": None,
            "stop": None,
            "answered_by": self.answered_by,
        }


def _info(provider: Provider, model: RemoteModel, context: int) -> RuntimeInfo:
    """0 and empty where nobody says."""
    return RuntimeInfo(
        name=model.name,
        architecture="",
        backend="remote",
        context=context,
        trained_context=model.context or 0,
        vocabulary=0,
        parameters=model.parameters or 0,
        size_bytes=model.size_bytes or 0,
        fingerprint=base.fingerprint(provider, model),
        template=None,
        bos_token="",
        eos_token="",
        adds_bos=False,
    )


def _spoken(messages: Iterable[Message]) -> list[Message]:
    """The texts alone, without blank ones, which APIs refuse; neighbours of one role as one."""
    spoken: list[Message] = []
    for message in messages:
        if not message.content.strip():
            continue
        if spoken and spoken[-1].role == message.role:
            spoken[-1] = Message(message.role, f"{spoken[-1].content}\n\n{message.content}")
        else:
            spoken.append(Message(message.role, message.content))
    return spoken


def _as_it_comes(ask: Callable[[], Iterator[Event | Ended]], stop: threading.Event) -> Iterator[Event | Ended]:
    """What `ask` yields on a thread of its own, and nothing more once `stop` is set; what it raises is raised here."""
    heard: queue.SimpleQueue[Event | Ended | BaseException | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            with closing(ask()) as events:  # type: ignore[type-var]
                for event in events:
                    if stop.is_set():
                        break
                    heard.put(event)
            heard.put(None)
        except BaseException as error:
            heard.put(error)

    threading.Thread(target=work, name="provider", daemon=True).start()
    while not stop.is_set():
        try:
            event = heard.get(timeout=_LOOKS_S)
        except queue.Empty:
            continue
        if event is None or stop.is_set():
            return
        if isinstance(event, BaseException):
            raise event
        yield event
