"""vLLM inside this process (extra `[vllm]`): requests that wait are computed as one batch, their schemas constrain the decoding."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operators.asking.answers import ServingStopped
from operators.asking.requests import GivenText, Request
from resources.llm.answers.log_probabilities import reply_with
from resources.llm.answers.paths import cache_path_of
from resources.llm.answers.reply import Asked, BackendError, Reply
from resources.llm.backends.chat_messages import as_json
from resources.llm.backends.serve_commands import COMPACT_ANSWERS
from resources.llm.engine.backend import Connection
from resources.llm.engine.gathering import Gathering
from resources.llm.engine.serving import Serving
from resources.llm.settings.language_model import LLMSettings

logger = logging.getLogger(__name__)

_QUIET_SECONDS = 0.05
"""The runner hands over all open rows at once: a short silence means that they are all there."""
_AT_ONCE = 1024
"""Requests of one call of the engine: enough to fill a GPU several times over; their answers are kept when all are there, so a kill loses so many."""
_INSTALL = "pip install 'dataflow-dagster[vllm]' on a machine with a GPU"


def open_vllm(model: str, settings: LLMSettings | None = None, *, at_once: int = _AT_ONCE, **engine: Any) -> Serving:
    """The offline engine as an LLMServing. The weights are loaded when the first session opens, once for the serving.

    Args:
        settings: cache, retries, budget; those that concern a server are not used.
        at_once: most requests of one call of the engine. Their answers are kept when all are there: a kill loses so many.
        engine: arguments of `vllm.LLM`, such as `max_model_len` or `tensor_parallel_size`.
    """
    settings = settings or LLMSettings()
    return Serving(VLLMBackend(model, engine, at_once), settings, cache_path_of(settings))


class VLLMBackend:
    """One model, computed here. All that wait for the engine go into its next batch."""

    def __init__(self, model: str, engine: Mapping[str, Any] | None = None, at_once: int = _AT_ONCE) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise ServingStopped(f"vLLM is not installed: {_INSTALL}; or serve {model} elsewhere (`dataflow serve vllm {model}`) and set base_url.")
        self.at_once = at_once
        # while one batch is computed the next one gathers; nothing can be overloaded, so there is no slow start
        self.max_in_flight = self.start_in_flight = 2 * at_once
        self.model = model
        self.name = f"vLLM with {model}"
        self.remedy = "It runs inside this process: start the run again."
        self._arguments = {"structured_outputs_config": COMPACT_ANSWERS, **(engine or {})}
        self._engine: Any = None
        self._lock = threading.Lock()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        await asyncio.to_thread(self._load)
        connection = VLLMConnection(self)
        try:
            yield connection
        finally:
            await connection.close()

    def _load(self) -> None:
        with self._lock:
            if self._engine is None:
                self._engine = _load(self.model, self._arguments)

    def chat(self, requests: Sequence[Request]) -> list[Any]:
        """The engine's outputs, in order. Blocks until all are there; the engine serves one caller at a time."""
        with self._lock:
            messages = [as_json(request.messages) for request in requests]
            return list(self._engine.chat(messages, [sampling_parameters(request) for request in requests], use_tqdm=False))

    def weigh(self, texts: Sequence[GivenText]) -> list[tuple[list[float], int]]:
        """Of each text, in order, the log-probabilities of its tokens, and how many tokens it has with its context."""
        from vllm.sampling_params import SamplingParams

        with self._lock:
            encode = self._engine.get_tokenizer().encode
            outputs = self._engine.generate(
                [text.context + text.text for text in texts], SamplingParams(max_tokens=1, temperature=0, prompt_logprobs=0), use_tqdm=False
            )
            return [_weighed(output, len(encode(text.context))) for output, text in zip(outputs, texts, strict=True)]

    def identity(self) -> Mapping[str, Any]:
        """Numbers computed in another precision or by other weights of the same name give other answers; how they are laid out does not."""
        given = {name: value for name, value in self._arguments.items() if name in _CHANGES_ANSWERS}
        folder = Path(self.model)
        config = folder / "config.json"
        weights = (
            [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.safetensors"))] if config.is_file() else []
        )
        return {"vllm": self.model, "arguments": {name: str(value) for name, value in sorted(given.items())}, "weights": weights}


_CHANGES_ANSWERS = (
    *("dtype", "quantization", "revision", "tokenizer", "tokenizer_revision", "max_model_len", "hf_overrides", "seed"),
    "structured_outputs_config",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    request: Asked
    answer: asyncio.Future[Reply]


class VLLMConnection:
    def __init__(self, backend: VLLMBackend) -> None:
        self.model = backend.model
        self.identity = backend.identity()
        self._backend = backend
        self._name = backend.name
        self._gathering: Gathering[_Asked] = Gathering(self._start, backend.at_once, _QUIET_SECONDS)
        self._batches: set[asyncio.Task[None]] = set()

    async def complete(self, request: Request) -> Reply:
        return await self._in_a_batch(request)

    async def log_probabilities(self, given: GivenText) -> Reply:
        return await self._in_a_batch(given)

    async def _in_a_batch(self, request: Asked) -> Reply:
        asked = _Asked(request, asyncio.get_running_loop().create_future())
        self._gathering.add(asked)
        try:
            return await asked.answer
        finally:
            self._gathering.remove(asked)

    async def close(self) -> None:
        await asyncio.gather(*self._batches, return_exceptions=True)

    def _start(self, batch: list[_Asked]) -> None:
        task = asyncio.ensure_future(self._compute(batch))
        self._batches.add(task)
        task.add_done_callback(self._batches.discard)

    async def _compute(self, batch: Sequence[_Asked]) -> None:
        """A batch with one request that the engine refuses (too long, a schema that it does not know) is refused whole: halves find that one."""
        wanted = [asked for asked in batch if not asked.answer.done()]
        if not wanted:
            return
        try:
            replies = await asyncio.to_thread(self._answer, [asked.request for asked in wanted])
        except Exception as error:
            refusal = self._refusal(error)
            if len(wanted) > 1 and not refusal.fatal:
                half = len(wanted) // 2
                await self._compute(wanted[:half])
                await self._compute(wanted[half:])
                return
            for asked in wanted:
                if not asked.answer.done():
                    asked.answer.set_exception(refusal)
        else:
            for asked, reply in zip(wanted, replies, strict=True):
                if not asked.answer.done():
                    asked.answer.set_result(reply)

    def _refusal(self, error: Exception) -> BackendError:
        said = " ".join(str(error).split())[:400]
        broken = isinstance(error, RuntimeError | MemoryError | OSError) and not isinstance(error, NotImplementedError)
        broken = broken or "EngineDead" in type(error).__name__
        message = f"{self._name} could not answer ({type(error).__name__}: {said})"
        return BackendError("unavailable" if broken else "bad_request", message, fatal=broken)

    def _answer(self, requests: Sequence[Asked]) -> list[Reply]:
        """The engine's answers, in order. Blocks until all are there."""
        started = time.perf_counter()
        questions = [request for request in requests if isinstance(request, Request)]
        texts = [request for request in requests if isinstance(request, GivenText)]
        outputs = iter(self._backend.chat(questions) if questions else ())
        weighed = iter(self._backend.weigh(texts) if texts else ())
        seconds = time.perf_counter() - started
        logger.info("%s answered %d requests together in %.1f s", self._name, len(requests), seconds)
        return [
            self._reply(next(outputs), seconds) if isinstance(request, Request) else self._weighed(*next(weighed), seconds) for request in requests
        ]

    def _weighed(self, values: Sequence[float], tokens: int, seconds: float) -> Reply:
        return reply_with(values, self.model, tokens, seconds)

    def _reply(self, output: Any, seconds: float) -> Reply:
        first = output.outputs[0]
        return Reply(first.text, self.model, len(output.prompt_token_ids), len(first.token_ids), first.finish_reason or "stop", seconds)


def _weighed(output: Any, context_tokens: int) -> tuple[list[float], int]:
    """Nothing stands before the first token, so it has no probability."""
    ids, found = output.prompt_token_ids, output.prompt_logprobs
    first = max(1, context_tokens)
    return [found[place][ids[place]].logprob for place in range(first, len(ids))], len(ids)


def sampling_parameters(request: Request) -> Any:
    """vllm.SamplingParams. None leaves a setting to the model's generation_config, here as with the server."""
    from vllm.sampling_params import SamplingParams, StructuredOutputsParams

    sampling = request.sampling
    given: dict[str, Any] = {"stop": list(sampling.stop)}
    for name, value in (("temperature", sampling.temperature), ("max_tokens", sampling.max_tokens), ("top_p", sampling.top_p)):
        if value is not None:
            given[name] = value
    if sampling.seed is not None:
        given["seed"] = sampling.seed + request.sample
    if request.json_schema is not None:
        given["structured_outputs"] = StructuredOutputsParams(json=dict(request.json_schema))
    return SamplingParams(**given)


def _load(model: str, arguments: Mapping[str, Any]) -> Any:
    import vllm

    try:
        return vllm.LLM(model=model, **arguments)
    except Exception as error:
        said = " ".join(str(error).split())[:400]
        raise ServingStopped(f"vLLM could not load {model} ({type(error).__name__}: {said}). See its messages above for the cause.") from error
