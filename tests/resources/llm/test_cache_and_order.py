"""An answer is paid for once, and stands where its question stood."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from operators.asking.answers import Completion, Failure, ServingStopped
from operators.asking.requests import Message, Part, Request, Sampling
from operators.asking.serving import LLMServing
from resources.llm.answers.request_key import RequestKeys
from tests.resources.llm.conftest import MakeServing, StartServer
from tests.resources.llm.scripted_server import running

ROOT = Path(__file__).parents[3]


def texts(answers: list[object]) -> list[str]:
    assert all(isinstance(answer, Completion) for answer in answers), answers
    return [answer.text for answer in answers if isinstance(answer, Completion)]


def test_the_second_run_asks_the_server_nothing(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    questions = [f"question {index}" for index in range(50)]
    first = make_serving(server.address).generate_from_input(questions)
    second = make_serving(server.address).generate_from_input(questions)
    assert server.counts.requests == 50
    assert texts(second) == texts(first)
    assert all(answer.cached for answer in second if isinstance(answer, Completion))
    assert not any(answer.cached for answer in first if isinstance(answer, Completion))


def test_one_changed_question_costs_one_call(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    questions = [f"question {index}" for index in range(20)]
    make_serving(server.address).generate_from_input(questions)
    make_serving(server.address).generate_from_input([*questions[:10], "another", *questions[11:]])
    assert server.counts.requests == 21


def test_identical_questions_under_way_at_once_are_asked_once(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.1)

    async def ask() -> None:
        async with make_serving(server.address, cache=False).session() as session:
            answers = await asyncio.gather(*[session.generate(Request.of("the same")) for _ in range(20)])
            assert len(set(texts(answers))) == 1
            assert (session.usage.calls, session.usage.cached) == (1, 19)

    asyncio.run(ask())
    assert server.counts.requests == 1


def test_one_of_two_waiting_for_the_same_answer_may_give_up(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.1)

    async def ask() -> None:
        async with make_serving(server.address).session() as session:
            first, second = (asyncio.ensure_future(session.generate(Request.of("the same"))) for _ in range(2))
            await asyncio.sleep(0.03)
            first.cancel()
            assert isinstance(await second, Completion)

    asyncio.run(ask())
    assert server.counts.requests == 1


def test_answers_keep_the_order_of_their_questions_whatever_happens_to_each(start_server: StartServer, make_serving: MakeServing) -> None:
    faulty = start_server(unavailable=0.2, reset=0.05, malformed=0.05, latency=0.005)
    questions = [f"question {index}" for index in range(120)]
    answers = make_serving(faulty.address, cache=False).generate_from_input(questions)
    assert texts(answers) == texts(make_serving(start_server().address, cache=False).generate_from_input(questions))


def test_samples_of_one_question_are_drawn_and_kept_apart(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()

    async def ask() -> None:
        async with make_serving(server.address).session() as session:
            for sample in (0, 1, 2, 0, 1, 2):
                await session.generate(Request.of("roll a die", sample=sample))
            assert (session.usage.calls, session.usage.cached) == (3, 3)

    asyncio.run(ask())
    assert server.counts.requests == 3


def test_everything_that_changes_the_answer_changes_the_key() -> None:
    request = Request.of("q", "s", sampling=Sampling(), json_schema={"a": 1, "b": 2})
    others = [
        Request.of("Q", "s", sampling=Sampling(), json_schema={"a": 1, "b": 2}),
        Request.of("q", None, sampling=Sampling(), json_schema={"a": 1, "b": 2}),
        Request.of("q", "s", sampling=Sampling(temperature=0.5), json_schema={"a": 1, "b": 2}),
        Request.of("q", "s", sampling=Sampling(seed=1), json_schema={"a": 1, "b": 2}),
        Request.of("q", "s", sampling=Sampling(max_tokens=7), json_schema={"a": 1, "b": 2}),
        Request.of("q", "s", sampling=Sampling(), json_schema={"b": 2, "a": 1}),
        Request.of("q", "s", sampling=Sampling(), json_schema=None),
        Request.of("q", "s", sampling=Sampling(), json_schema={"a": 1, "b": 2}, sample=1),
        request.followed_by(Message("assistant", "a")),
        Request((Message("user", (Part("text", "q"),)),)),
        Request((Message("user", (Part("image_url", "q"),)),)),
    ]
    keys = RequestKeys({"base_url": "u"}, "m")
    assert len({keys.of(each) for each in [request, *others]}) == len(others) + 1
    assert RequestKeys({"base_url": "other"}, "m").of(request) != keys.of(request)
    assert RequestKeys({"base_url": "u"}, "other").of(request) != keys.of(request)
    assert RequestKeys({"base_url": "u"}, "m").of(request) == keys.of(request)


def test_a_notebook_can_ask_inside_its_own_event_loop(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()

    async def cell() -> list[str]:
        return texts(make_serving(server.address).generate_from_input(["a", "b"], system_prompt="be brief", temperature=0.5))

    assert len(asyncio.run(cell())) == 2
    assert server.counts.bodies[-1]["messages"][0] == {"role": "system", "content": "be brief"}
    assert server.counts.bodies[-1]["temperature"] == 0.5


def test_the_serving_is_what_operators_expect(make_serving: MakeServing) -> None:
    assert isinstance(make_serving("http://127.0.0.1:1"), LLMServing)


def test_several_processes_share_one_cache(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(latency=0.01)
    code = (
        "import sys; from pathlib import Path; from resources.llm import LLMSettings, open_serving\n"
        "serving = open_serving(LLMSettings(base_url=sys.argv[1], model='mock', cache_path=Path(sys.argv[2])))\n"
        "print(len(serving.generate_from_input([f'question {i}' for i in range(100)])))"
    )
    command = [sys.executable, "-c", code, server.address, str(tmp_path / "shared" / "answers.sqlite")]

    def run(_: int) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == ["100"] * 3
    asked = server.counts.requests
    assert run(0) == "100"
    assert server.counts.requests == asked
    with sqlite3.connect(tmp_path / "shared" / "answers.sqlite") as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT key) FROM answers").fetchone() == (100, 100)


def test_a_cache_that_cannot_be_used_stops_before_anything_is_paid(start_server: StartServer, make_serving: MakeServing, tmp_path: Path) -> None:
    server = start_server()
    (tmp_path / "answers.sqlite").write_text("this is no database" * 100)
    with pytest.raises(ServingStopped, match=r"cache of answers at .*answers\.sqlite cannot be used: file is not a database"):
        make_serving(server.address).generate_from_input(["a"])
    assert server.counts.requests == 0


def test_a_stream_takes_only_as_many_requests_as_it_can_hold(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.0)
    taken, answered, furthest = 0, 0, 0

    async def requests() -> AsyncIterator[Request]:
        nonlocal taken
        for index in range(3000):
            taken += 1
            yield Request.of(f"question {index}")

    async def read() -> Counter[str]:
        nonlocal answered, furthest
        seen: Counter[str] = Counter()
        async with make_serving(server.address, max_in_flight=8).session() as session:
            async for answer in session.stream(requests()):
                answered += 1
                furthest = max(furthest, taken - answered)
                assert isinstance(answer, Completion)
                seen[answer.text] += 1
        return seen

    assert sum(asyncio.run(read()).values()) == 3000
    assert furthest <= 1000
    assert server.counts.peak <= 8


def test_leaving_a_stream_ends_its_requests(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.05)

    async def read() -> None:
        async with make_serving(server.address, max_in_flight=4).session() as session:
            stream = session.stream(Request.of(f"question {index}") for index in range(1000))
            async for _ in stream:
                break
            await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(read())
    assert server.counts.requests <= 12


def test_what_is_tried_again_stands_before_what_was_not_tried(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.02, malformed=0.5)
    sent = []

    async def read() -> None:
        async with make_serving(server.address, max_in_flight=4, retries=20).session() as session:
            stream = session.stream(Request.of(f"question {index}") for index in range(1000))
            async for _ in stream:
                sent.append(server.counts.requests)
                if len(sent) == 20:
                    break
            await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(read())
    # twenty answers take about forty requests, and those beside them the same
    assert sent[-1] <= 200


def test_an_answer_is_found_again_with_another_key_in_the_address(make_serving: MakeServing) -> None:
    with running() as server:
        for key, version, asked in (("9fQ2mB71xxA", "1", 1), ("7hT4kL92yyB", "1", 1), ("7hT4kL92yyB", "2", 2)):
            [answer] = make_serving(f"{server.address}/v1?api-key={key}&api-version={version}").generate_from_input(["a question"])
            assert isinstance(answer, Completion)
            assert server.asked.total() == asked


def test_a_text_that_cannot_be_sent_fails_alone(start_server: StartServer, make_serving: MakeServing) -> None:
    """json.loads of an answer can give half of a surrogate pair."""
    server = start_server()
    good, half, also_good = make_serving(server.address).generate_from_input(["good", "half \ud83d", "also good"])
    assert isinstance(half, Failure)
    assert (half.kind, half.attempts) == ("bad_request", 0)
    assert "half of a surrogate pair" in half.message
    assert texts([good, also_good])
    assert server.counts.requests == 2
