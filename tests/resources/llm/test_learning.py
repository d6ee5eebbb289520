"""What a server does not take is found out once; what one row's complaint says of the row is not taken for a fact about the server."""

from __future__ import annotations

import itertools
import logging
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from operators.asking.answers import Completion, Failure
from operators.asking.requests import Request
from resources.llm.backends.chat_messages import in_turns
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import completion, http, question_of, running

SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"], "additionalProperties": False}
GOOD = http(200, completion('{"score": 1}'))


def refused(message: str, **further: Any) -> bytes:
    return http(400, {"error": {"message": message, "type": "invalid_request_error", **further}})


def formats(bodies: list[dict[str, Any]]) -> Counter[str]:
    return Counter(str(body.get("response_format", {}).get("type")) for body in bodies)


@pytest.mark.parametrize(
    "complaint",
    [
        "This model's maximum context length is 8 tokens, with 9 in the messages and response_format schemas.",
        "Please reduce the length of the messages, functions or response_format.",
        "too much to read: json_schema and messages together",
        "prompt is too long for guided decoding with this schema",
    ],
)
@pytest.mark.parametrize("place", [0, 150])
def test_c6_one_bad_row_does_not_change_how_the_others_are_asked(complaint: str, place: int, make_serving: MakeServing) -> None:
    questions = [f"question {number}" for number in range(300)]
    with running({questions[place]: refused(complaint)}, otherwise=GOOD) as server:
        answers = make_serving(server.address, max_in_flight=8).generate_from_input(questions, json_schema=SCHEMA)
        assert [isinstance(answer, Completion) for answer in answers] == [number != place for number in range(300)]
        good = [body for body in server.bodies if question_of(body) != questions[place]]
        assert formats(good) == {"json_schema": 299}


def test_c6_a_row_that_only_quotes_the_words_of_a_complaint_is_asked_once(make_serving: MakeServing) -> None:
    question = "What does 'response_format json_schema is not supported, temperature unsupported' mean?"
    with running({question: refused(f"cannot parse: {question}")}, otherwise=GOOD) as server:
        [answer] = make_serving(server.address).generate_from_input([question], json_schema=SCHEMA)
        assert isinstance(answer, Failure)
        assert server.asked.total() == 1


def test_c6_a_row_refused_for_its_format_after_others_were_taken_is_answered_alone_in_another(make_serving: MakeServing) -> None:
    def odd(body: dict[str, Any]) -> bytes:
        return refused("Invalid schema for response_format 'answer'") if "response_format" in body else GOOD

    questions = [f"question {number}" for number in range(40)]
    with running({"question 20": odd}, otherwise=GOOD) as server:
        answers = make_serving(server.address, max_in_flight=1).generate_from_input(questions, json_schema=SCHEMA)
        assert all(isinstance(answer, Completion) for answer in answers)
        assert formats([body for body in server.bodies if question_of(body) != "question 20"]) == {"json_schema": 39}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Failed to initialize samplers: failed to parse grammar"),
        (422, "Grammar error: invalid"),
        (500, "Internal server error: unsupported response_format json_schema"),
        (400, "JSON mode is not enabled for this model"),
        (501, "response_format is not implemented"),
    ],
)
def test_a_refused_format_is_learnt_whatever_it_is_called(status: int, said: str, make_serving: MakeServing) -> None:
    complaint = http(status, {"error": {"message": said}})
    with running(otherwise=lambda body: complaint if "response_format" in body else GOOD) as server:
        serving = make_serving(server.address, max_in_flight=1)
        answers = serving.generate_from_input([f"question {number}" for number in range(10)], json_schema=SCHEMA)
        assert all(isinstance(answer, Completion) for answer in answers)
        assert server.asked.total() == 13


@pytest.mark.parametrize("said", ["the grammar of this text is beyond us", "an internal error"])
def test_an_error_of_the_server_is_none_of_the_format(said: str, make_serving: MakeServing) -> None:
    with running(otherwise=http(500, {"error": {"message": said}})) as server:
        [answer] = make_serving(server.address, retries=1).generate_from_input(["a question"], json_schema=SCHEMA)
        assert isinstance(answer, Failure)
        assert (answer.kind, formats(server.bodies)) == ("unavailable", {"json_schema": 2})


TAKES_NO_TEMPERATURE = [
    refused("Unsupported value: 'temperature' does not support 0 with this model.", param="temperature", code="unsupported_value"),
    refused("`temperature` is deprecated for this model."),
    http(422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "temperature"], "msg": "Extra inputs are not permitted"}]}),
    http(400, {"object": "error", "message": "Unsupported parameter: temperature is not supported with this model", "code": 400}),
]


@pytest.mark.parametrize("said", TAKES_NO_TEMPERATURE, ids=range(len(TAKES_NO_TEMPERATURE)))
def test_c7_a_model_that_takes_no_temperature_is_asked_without_one_after_the_first_row(
    said: bytes, make_serving: MakeServing, caplog: pytest.LogCaptureFixture
) -> None:
    with running(otherwise=lambda body: said if "temperature" in body else GOOD) as server, caplog.at_level(logging.WARNING):
        serving = make_serving(server.address, max_in_flight=1)
        answers = serving.generate_from_input([f"question {number}" for number in range(20)], temperature=0.0)
        assert all(isinstance(answer, Completion) for answer in answers)
        assert server.asked.total() == 21
    assert caplog.text.count("does not take temperature") == 1


def test_c7_seed_top_p_and_the_limit_of_tokens_are_learnt_together(make_serving: MakeServing) -> None:
    def strict(body: dict[str, Any]) -> bytes:
        for name in ("max_tokens", "top_p", "seed"):
            if name in body:
                instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
                return refused(f"Unsupported parameter: '{name}' is not supported with this model.{instead}", param=name)
        return GOOD

    with running(otherwise=strict) as server:
        serving = make_serving(server.address, max_in_flight=1)
        answers = serving.generate_from_input([f"question {number}" for number in range(10)], seed=1, top_p=0.5, temperature=0.7, max_tokens=9)
        assert all(isinstance(answer, Completion) for answer in answers)
        assert server.asked.total() == 13
        last = server.bodies[-1]
        assert (last["temperature"], last["max_completion_tokens"], "seed" in last, "top_p" in last) == (0.7, 9, False, False)


def test_c7_a_server_that_knows_only_max_tokens_is_understood_too(make_serving: MakeServing) -> None:
    forbidden = {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted"}]}
    with running(otherwise=lambda body: http(422, forbidden) if "max_completion_tokens" in body else GOOD) as server:
        from resources.llm.backends.request_manner import RequestManner
        from resources.llm.settings.providers import provider

        serving = make_serving(server.address, max_in_flight=1)
        serving.backend.manner = RequestManner("the server", provider("openai"))  # type: ignore[attr-defined]
        assert all(isinstance(answer, Completion) for answer in serving.generate_from_input(["a", "b"], max_tokens=9))
        assert [("max_tokens" in body) for body in server.bodies] == [False, True, True]


def test_c7_none_sends_no_temperature(make_serving: MakeServing) -> None:
    with running() as server:
        make_serving(server.address).generate_from_input(["a question"], temperature=None, max_tokens=None)
        assert {"temperature", "max_tokens", "max_completion_tokens", "seed", "top_p"}.isdisjoint(server.bodies[0])


def test_c7_two_answers_of_a_refused_setting_have_one_place_in_the_cache(make_serving: MakeServing) -> None:
    said = TAKES_NO_TEMPERATURE[0]
    with running(otherwise=lambda body: said if "temperature" in body else GOOD) as server:
        for _ in range(2):
            [answer] = make_serving(server.address).generate_from_input(["a question"])
            assert isinstance(answer, Completion)
        assert server.asked.total() == 2
    assert Request.of("a").sampling.temperature == 0.0


def of_template(refuses: Callable[[list[str]], bool], refusal: bytes) -> Callable[[dict[str, Any]], bytes]:
    """A server whose chat template refuses some orders of roles, and that says what it was asked."""

    def said(body: dict[str, Any]) -> bytes:
        if refuses([message["role"] for message in body["messages"]]):
            return refusal
        return http(200, completion("\n---\n".join(str(message["content"]) for message in body["messages"])))

    return said


def repeats_a_role(roles: list[str]) -> bool:
    return any(one == other for one, other in itertools.pairwise(roles))


ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."


@pytest.mark.parametrize(
    "refusal",
    [
        http(400, {"object": "error", "message": "System role not supported", "type": "BadRequestError", "param": None, "code": 400}),
        http(400, [{"error": {"code": 400, "message": "Developer instruction is not enabled for models/m", "status": "INVALID_ARGUMENT"}}]),
        http(
            400,
            {"error": {"message": "Unsupported value: 'messages[0].role' does not support 'system' with this model.", "code": "unsupported_value"}},
        ),
        http(400, {"error": {"message": ALTERNATE, "type": "BadRequestError", "code": 400}}),
        http(422, {"error": f"Template error: syntax error: {ALTERNATE}", "error_type": "template_error"}),
        http(500, {"error": {"message": "Jinja Exception: System role not supported", "type": "server_error"}}),
        http(400, {"message": "Only user and assistant roles are supported!"}),
    ],
)
def test_what_the_system_says_goes_to_a_template_without_a_system_in_the_message_of_the_user(refusal: bytes, make_serving: MakeServing) -> None:
    with running(otherwise=of_template(lambda roles: "system" in roles, refusal)) as server:
        serving = make_serving(server.address, max_in_flight=1)
        answers = serving.generate_from_input(["one", "two"], system_prompt="Be brief.")
        assert [answer.text if isinstance(answer, Completion) else answer for answer in answers] == ["Be brief.\n\none", "Be brief.\n\ntwo"]
        assert len(server.bodies) == 3


def test_messages_of_one_side_are_joined_for_a_template_that_wants_turns(make_serving: MakeServing) -> None:
    provider = {"provider": "deepseek", "api_key": "k"}
    with running(otherwise=of_template(repeats_a_role, refused(ALTERNATE))) as server:
        serving = make_serving(server.address, max_in_flight=1, **provider)
        [plain] = serving.generate_from_input(["plain"], system_prompt="Be brief.")
        answers = serving.generate_from_input(["one", "two"], system_prompt="Be brief.", json_schema=SCHEMA)
        again = serving.generate_from_input(["plain again"], system_prompt="Be brief.")
        assert [isinstance(answer, Completion) for answer in (plain, *answers, *again)] == [True] * 4
        assert [len(body["messages"]) for body in server.bodies] == [2, 3, 1, 1, 2]
        assert re.fullmatch(r"Be brief\.\n\none\n\nAnswer only with JSON .*", server.bodies[2]["messages"][0]["content"])


def test_pictures_stay_where_they_are_when_messages_are_joined() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    joined = in_turns([{"role": "system", "content": "Look."}, {"role": "user", "content": [picture]}, {"role": "user", "content": "What is it?"}])
    assert joined == [{"role": "user", "content": [{"type": "text", "text": "Look."}, picture, {"type": "text", "text": "What is it?"}]}]


def test_one_row_that_is_refused_for_its_roles_changes_nothing_for_the_others(make_serving: MakeServing) -> None:
    with running(otherwise=lambda body: refused(ALTERNATE) if "question 3" in str(body) else GOOD) as server:
        answers = make_serving(server.address, max_in_flight=1).generate_from_input([f"question {n}" for n in range(6)], system_prompt="Be brief.")
        assert [isinstance(answer, Completion) for answer in answers] == [number != 3 for number in range(6)]
        assert [len(body["messages"]) for body in server.bodies if "question 3" not in str(body)] == [2] * 5
