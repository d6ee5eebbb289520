"""What becomes of a row when a server does something wrong: hundreds of behaviours on a real local server, one row each, between two good rows.

    python -m benchmarks.hostile_server [--only WORD] [--all]

Each behaviour has the verdict that is right for its row: kept (with which text), set aside (as what), or the run stopped. Exit status 1 where one
hangs, where an error shows a traceback instead of a sentence, where a row is lost, or where one is kept that should not be, or the other way round.
`--only` runs the behaviours whose name holds a word; `--all` prints each of them.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from operators.asking.answers import Answer, Completion, Failure, ServingStopped
from operators.asking.requests import Request
from resources.llm import LLMSettings
from resources.llm.backends.openai_compatible import OpenAICompatibleBackend
from resources.llm.engine.serving import Serving
from tests.resources.llm.scripted_server import Behaviour, Step, completion, http, running, writings_of

KEY = "sk-hostile-Zq8Kx7Lm3Nv9Rt5Wy1Bc4Df6"
TIMEOUT = 1.0
HANGS_AFTER = 60.0
AT_ONCE = 8
SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"], "additionalProperties": False}
_RAW = re.compile(r"Traceback|(Key|Type|Value|Attribute|Index|Recursion|Unicode\w*|Overflow|Assertion|Runtime)Error")


@dataclass(frozen=True)
class Case:
    """A behaviour of the server, and the verdicts on its row that are right: "kept: TEXT", a kind of failure, or "stopped"."""

    name: str
    said: Behaviour
    right: tuple[str, ...]
    schema: bool = False


def first_then_good(first: bytes) -> Behaviour:
    """A server that does it once, and is asked again."""
    left = [first]
    return lambda body: left.pop() if left else http(200, completion("kept"))


def endings() -> Iterator[Case]:
    reasons = {
        "truncated": "length max_tokens MAX_TOKENS model_length maxTokens max_output_tokens FinishReason.MAX_TOKENS token_limit incomplete".split(),
        "filtered": "content_filter SAFETY RECITATION PROHIBITED_CONTENT refusal BLOCKLIST SPII content_filtered guardrail_intervened".split(),
        "malformed": "error abort OTHER insufficient_system_resource MALFORMED_FUNCTION_CALL tool_calls nobody_knows".split(),
    }
    for kind, words in reasons.items():
        for word in words:
            for content in ("half a sent", "", None, '{"score": 1}', [{"type": "text", "text": "half"}]):
                yield Case(f"ends with {word}, content {content!r}", http(200, completion(content, word)), (kind,), content == '{"score": 1}')
    for word in ("stop", "STOP", "end_turn", "eos_token", "COMPLETE", "FINISH_REASON_STOP", None, ""):
        yield Case(f"ends with {word!r}", http(200, completion("kept", word)), ("kept: kept",))
        for content in ("", None, "  \n", [], [{"type": "image_url"}]):
            yield Case(f"ends with {word!r}, content {content!r}", http(200, completion(content, word)), ("malformed",))
    for reason in (["stop"], {"a": 1}, 7, True, 1.5):
        yield Case(f"ends with {reason!r}", http(200, completion("half", reason)), ("malformed",))
    for content in ("", None, "Well,"):
        yield Case(f"refuses beside {content!r}", http(200, completion(content, message={"refusal": "no"})), ("filtered",))


def thinking() -> Iterator[Case]:
    for opening, closing in (
        ("<think>", "</think>"),
        ("<THINK>\n", "\n</THINK>\n\n"),
        ("[THINK]", "[/THINK]"),
        ("", "</think>\n"),
        ("<thought>", "</thought>"),
    ):
        yield Case(f"thinks in {opening!r}", http(200, completion(f"{opening}hm{closing}kept")), ("kept: kept",))
        yield Case(
            f"thinks in {opening!r} before JSON",
            http(200, completion(f'{opening}{{"score": 9}}{closing}{{"score": 1}}')),
            ('kept: {"score": 1}',),
            True,
        )
    for field in ("reasoning_content", "reasoning", "thinking"):
        yield Case(f"thinks in {field}", http(200, completion("kept", message={field: "hm"})), ("kept: kept",))
        yield Case(f"only thinks in {field}", http(200, completion("", message={field: "hm"})), ("malformed",))
    for part in ({"type": "thinking", "thinking": "hm"}, {"type": "reasoning", "text": "hm"}, {"type": "thinking", "thinking": [{"text": "hm"}]}):
        yield Case(f"thinks in {part}", http(200, completion([part, {"type": "text", "text": "kept"}])), ("kept: kept",))
    yield Case("never ends thinking", http(200, completion("<think>hm")), ("malformed",))
    for said in ("The mark </think> ends it.", "It is </think>, and then the answer.", "The mark that ends it is </think>"):
        yield Case(f"says {said}", http(200, completion(said)), (f"kept: {said}",))
    yield Case("talks of </think>", http(200, completion("it writes `</think>` then")), ("kept: it writes `</think>` then",))


def statuses() -> Iterator[Case]:
    bodies: dict[str, Any] = {
        "an object": {"error": {"message": "no", "type": "x"}}, "text": {"error": "no"}, "a list": [{"error": {"message": "no"}}],
        "detail": {"detail": "no"}, "HTML": b"<html><body>no</body></html>", "nothing": b"", "bytes": b"\xff\x00\xfe", "deep": b"[" * 2000,
    }  # fmt: skip
    right = {
        400: "bad_request", 401: "stopped", 402: "stopped", 403: "bad_request", 404: "bad_request", 405: "bad_request", 408: "timeout",
        409: "unavailable", 413: "bad_request", 418: "bad_request", 422: "bad_request", 425: "unavailable", 429: "rate_limited", 451: "filtered",
        500: "unavailable", 501: "bad_request", 502: "unavailable", 503: "unavailable", 504: "timeout", 529: "unavailable",
    }  # fmt: skip
    for status, verdict in right.items():
        for name, body in bodies.items():
            yield Case(f"{status} with {name}", http(status, body), (verdict,))
    for name, page in (
        ("a firewall's page", b"<h1>Forbidden</h1>You don't have permission to access this resource."),
        ("a code", b"error code: 1020"),
    ):
        yield Case(f"403 with {name}", http(403, page), ("bad_request",))
    for told in ("This key may not do that.", "Your API key is blocked", "The permission models is missing"):
        yield Case(f"403 {told}", http(403, {"error": {"message": told}}), ("stopped",))
    for status in (301, 302, 303, 307, 308):
        yield Case(f"{status} elsewhere", http(status, {}, {"Location": "http://127.0.0.1:9/v1"}), ("bad_request",))
    for status in (201, 202, 204, 299):
        yield Case(f"{status}", http(status, b""), ("unavailable", "malformed"))


def meanings() -> Iterator[Case]:
    told: list[tuple[str, int, dict[str, Any] | list[Any]]] = [
        ("filtered", 403, {"error": {"message": "Your input was flagged", "code": 403, "metadata": {"flagged_input": "x", "reasons": []}}}),
        ("filtered", 400, {"error": {"message": "Content Exists Risk"}}),
        ("filtered", 400, {"error": {"message": "no", "code": "content_filter"}}),
        ("stopped", 400, {"error": {"message": "Your credit balance is too low"}}),
        ("stopped", 400, [{"error": {"message": "API key not valid", "status": "INVALID_ARGUMENT"}}]),
        ("stopped", 429, {"error": {"message": "quota", "code": "insufficient_quota"}}),
        ("stopped", 400, {"error": {"message": "Budget has been exceeded", "type": "budget_exceeded"}}),
        ("stopped", 404, {"error": {"message": "no such model", "code": "model_not_found"}}),
        ("stopped", 404, {"error": {"message": "The model `x` does not exist"}}),
        ("bad_request", 400, {"error": {"message": "Invalid model name passed in model=x"}}),  # it has answered, so it has the model
        ("stopped", 429, {"error": {"message": "Rate limit reached on requests per day (RPD): Limit 9, Used 9", "code": "rate_limit_exceeded"}}),
        ("stopped", 400, {"error": {"message": "You have reached your specified API usage limits."}}),
        ("rate_limited", 429, {"error": {"message": "Rate limit reached on requests per minute", "code": "rate_limit_exceeded"}}),
        ("bad_request", 400, {"error": {"message": "The model produced invalid content"}}),
        ("bad_request", 400, {"error": {"message": "maximum context length is 8, with response_format schemas"}}),
        ("bad_request", 429, {"error": {"message": "Request too large for the model: Limit 8, Requested 9", "code": "rate_limit_exceeded"}}),
        ("bad_request", 500, {"error": {"message": "input is too large to process. increase the physical batch size"}}),
        ("unavailable", 503, {"error": {"message": "Loading model"}}),
        ("unavailable", 429, {"error": {"message": "Service tier capacity exceeded", "code": "3505"}}),
    ]
    for verdict, status, body in told:
        yield Case(f"{status} {json.dumps(body)[:60]}", http(status, body), (verdict,))
        inside = body[0] if isinstance(body, list) else body
        named = {**inside["error"], "code": status} if not isinstance(inside["error"].get("code"), str) else inside["error"]
        yield Case(f"200 {json.dumps(body)[:60]}", http(200, {"error": named}), (verdict,))


def numbers() -> Iterator[Case]:
    for count in (2**63, 2**64, 2**53 + 1, -1, 1e300, 0.5):
        for name in ("prompt_tokens", "completion_tokens"):
            usage = {"prompt_tokens": 1, "completion_tokens": 1, name: count}
            yield Case(f"{name} is {count}", http(200, completion("no", usage=usage)), ("malformed",))
    for usage in (None, {}, [], "many", {"prompt_tokens": None, "completion_tokens": "3"}, {"prompt_tokens": True, "completion_tokens": []}):
        yield Case(f"usage is {usage}", http(200, completion("kept", usage=usage)), ("kept: kept",))
    for usage in ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": -9}):
        yield Case(f"usage is {usage}", http(200, completion("kept", usage=usage)), ("kept: kept",))
    for wish in ("1000000000", "inf", "nan", "-5", "1e9", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 300, "3600", "86400", "0x10", ""):
        for status in (429, 503):
            yield Case(f"{status} Retry-After {wish[:30]}", first_then_good(http(status, {}, {"Retry-After": wish})), ("kept: kept",))
    for wish in ("999999999999", "inf", "1.2.3", "-1"):
        yield Case(f"429 retry-after-ms {wish}", first_then_good(http(429, {}, {"retry-after-ms": wish})), ("kept: kept",))
    delay = {"error": {"message": "slow", "details": [{"retryDelay": "99999999999999s"}]}}
    yield Case("429 with an endless retryDelay", first_then_good(http(429, delay)), ("kept: kept",))


def shapes() -> Iterator[Case]:
    for body in ([], {}, None, 7, "text", {"object": "list", "data": []}):
        yield Case(f"sends {json.dumps(body)}", http(200, body), ("malformed",))
    words: tuple[dict[str, Any], ...] = (
        {"base_resp": {"status_code": 1, "status_msg": "it broke"}}, {"code": 1, "msg": "it broke"}, {"errors": [{"message": "it broke"}]},
        {"error_msg": "it broke"}, {"errorMessage": "it broke"}, {"message": "it broke"},
    )  # fmt: skip
    for body in words:
        yield Case(f"says {json.dumps(body)}", http(200, body), ("unavailable",))
    yield Case("sends a BOM", http(200, b"\xef\xbb\xbf" + json.dumps(completion("kept")).encode()), ("kept: kept",))
    for choices in (None, {}, [], [None], [[]], [{}], [{"message": None}], [{"message": []}], [{"text": "old"}]):
        yield Case(f"sends choices {json.dumps(choices)}", http(200, {"choices": choices}), ("malformed",))
    for content in (7, True, 1.5, {"a": 1}, [7], [[]], [None], [{"type": "text"}], [{"type": "text", "text": 7}], {"type": "text", "text": None}):
        yield Case(f"content {content!r}", http(200, completion(content)), ("malformed",))
    for raw in (
        b"",
        b"{",
        b"\x00",
        b"NaN",
        b"\xff\xfe",
        b'{"choices": NaN}',
        b"[" * 5000,
        b"data: {}\n\ndata: [DONE]\n\n",
        b"\x1f\x8b\x08",
        b"<html>",
    ):
        yield Case(f"sends {raw[:20]!r}", http(200, raw), ("malformed",))
    lone = json.dumps(completion("x\ud800y")).encode()
    yield Case("sends half a surrogate pair", http(200, lone), ("malformed",))
    yield Case("sends a zero byte in the text", http(200, completion("a\x00b")), ("kept: a\x00b",))
    for model in (None, 7, ["m"], {}, "m" * 10_000):
        yield Case(f"model {str(model)[:20]}", http(200, completion("kept", model=model)), ("kept: kept",))


def transports() -> Iterator[Case]:
    good = http(200, completion("kept"))
    head, _, content = good.partition(b"\r\n\r\n")
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    broken: dict[str, list[Step]] = {
        "closes at once": [],
        "closes within the head": [head[:20]],
        "closes before the body": [head + b"\r\n\r\n"],
        "closes within the body": [head + b"\r\n\r\n" + content[:10]],
        "breaks off its chunks": [chunked + b"ff\r\nhalf"],
        "sends a chunk without a size": [chunked + b"zz\r\nhalf\r\n"],
        "speaks no HTTP": [b"hello\r\n\r\n"],
        "speaks HTTP/9.9": [good.replace(b"HTTP/1.1", b"HTTP/9.9")],
        "sends a status that is none": [good.replace(b" 200 ", b" 99999 ")],
        "sends a head without end": [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000],
        "sends a line without end": [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"],
        "sends a length that is none": [good.replace(b"Content-Length: ", b"Content-Length: -")],
        "sends two lengths": [good.replace(b"Content-Type", b"Content-Length: 3\r\nContent-Type")],
        "says gzip and sends none": [good.replace(b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type")],
    }
    for name, steps in broken.items():
        yield Case(name, steps, ("unavailable", "malformed"))
        yield Case(f"{name}, once", _once(steps, good), ("kept: kept",))
    yield Case("is silent", [10 * TIMEOUT], ("timeout",))
    yield Case("is silent within the body", [head + b"\r\n\r\n" + content[:10], 10 * TIMEOUT], ("timeout",))
    yield Case("drips", [head + b"\r\n\r\n", *(step for byte in content for step in (bytes([byte]), 0.1))], ("timeout",))
    yield Case("sends chunks without end", [chunked, *[b"186a0\r\n" + b"x" * 100_000 + b"\r\n"] * 100], ("malformed",))
    yield Case("announces a gigabyte", [head.replace(str(len(content)).encode(), b"1000000000") + b"\r\n\r\n", b"x" * 100_000], ("malformed",))
    bomb = gzip.compress(b" " * 50_000_000)
    yield Case("sends a bomb", http(200, bomb, {"Content-Encoding": "gzip"}), ("malformed", "unavailable"))
    squeezed = http(200, gzip.compress(json.dumps(completion("kept")).encode()), {"Content-Encoding": "gzip"})
    yield Case("sends gzip", squeezed, ("kept: kept",))
    yield Case("sends one byte at a time", [chunked, *(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in content), b"0\r\n\r\n"], ("kept: kept",))


def _once(steps: list[Step], good: bytes) -> Behaviour:
    left = [steps]
    return lambda body: left.pop() if left else good


def secrets() -> Iterator[Case]:
    for name, writing in writings_of(KEY).items():
        yield Case(f"tells the key {name} in an error", http(400, {"error": {"message": f"got {writing}"}}), ("bad_request",))
        yield Case(f"tells the key {name} in a page", http(500, f"<p>{writing}</p>".encode()), ("unavailable",))
        yield Case(f"tells the key {name} as an ending", http(200, completion("half", writing)), ("malformed", "filtered", "truncated"))
        if name not in ("in capitals", "URL-encoded"):
            yield Case(f"answers with the key {name}", http(200, completion(f"here: {writing} .")), ("malformed",))


def cases() -> list[Case]:
    return [case for group in (endings, thinking, statuses, meanings, numbers, shapes, transports, secrets) for case in group()]


def verdict_on(answer: Answer) -> str:
    return f"kept: {answer.text}" if isinstance(answer, Completion) else answer.kind


async def judge(case: Case, folder: Path, number: int) -> tuple[str, str]:
    """The verdict on a case, and what is wrong with it, "" where nothing is."""
    with running({"hostile": case.said}) as server:
        settings = LLMSettings(
            base_url=server.address, model="mock", api_key=SecretStr(KEY), retries=2, retry_seconds=0.001, retry_seconds_most=0.002,
            retry_after_most=0.01, timeout=TIMEOUT, answer_megabytes=2,
        )  # fmt: skip
        serving = Serving(OpenAICompatibleBackend(settings), settings, folder / f"{number}.sqlite")
        schema = SCHEMA if case.schema else None

        async def ask() -> list[Answer]:
            async with serving.session() as session:
                requests = [Request.of(text, json_schema=schema) for text in ("before", "hostile", "after")]
                return [answer async for answer in session.stream(requests)]

        try:
            answers = await asyncio.wait_for(ask(), HANGS_AFTER)
        except TimeoutError:
            return "hangs", "it hangs"
        except ServingStopped as stopped:
            return "stopped", _told(str(stopped)) or ("" if "stopped" in case.right else f"the run stopped: {stopped}")
        except Exception as error:
            return "raised", f"it raised {type(error).__name__}: {error}"
    if len(answers) != 3:
        return "lost", f"{len(answers)} answers to 3 rows"
    for answer, place in ((answers[0], "before"), (answers[2], "after")):
        if not isinstance(answer, Completion) or answer.text != f"good answer to {place}":
            return "lost", f"the row {place} it: {answer}"
    verdict = verdict_on(answers[1])
    wrong = _told(answers[1].message) if isinstance(answers[1], Failure) else ""
    if verdict not in case.right:
        wrong = wrong or f"{verdict}, where {' or '.join(case.right)} is right"
    elif isinstance(answers[1], Failure) and await _kept_as_answer(serving, schema):
        wrong = "it is in the cache as an answer"
    return verdict, wrong


async def _kept_as_answer(serving: Serving, schema: dict[str, Any] | None) -> bool:
    async with serving.session() as session:
        return session.cached(Request.of("hostile", json_schema=schema)) is not None


def _told(message: str) -> str:
    """What is wrong with the words of an error."""
    if _RAW.search(message):
        return f"a raw error is shown: {message[:200]}"
    for name, writing in writings_of(KEY).items():
        if writing in message:
            return f"the key is shown {name}: {message[:200]}"
    return "" if len(message) < 1500 else f"a message of {len(message)} characters"


async def judge_all(chosen: list[Case], folder: Path) -> list[tuple[Case, str, str]]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, case: Case) -> tuple[Case, str, str]:
        async with places:
            return (case, *await judge(case, folder, number))

    return list(await asyncio.gather(*(one(number, case) for number, case in enumerate(chosen))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    chosen = [case for case in cases() if options.only in case.name]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        judged = asyncio.run(judge_all(chosen, Path(folder)))
    verdicts = Counter("kept" if verdict.startswith("kept") else verdict for _, verdict, _ in judged)
    wrong = [(case, fault) for case, _, fault in judged if fault]
    for case, verdict, _ in judged if options.all else ():
        print(f"{verdict[:30]:<30}  {case.name}")
    print(f"{len(judged)} behaviours in {time.perf_counter() - started:.0f} s")
    for verdict, count in verdicts.most_common():
        print(f"{count:6,}  {verdict}")
    print(f"{len(judged) - len(wrong):6,}  of {len(judged)} as they should be")
    for case, fault in wrong:
        print(f"WRONG  {case.name}: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
