"""A model that is not there, and a quota that is spent for longer than anybody waits, are known by their words, whoever the provider is."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from operators.asking.answers import ServingStopped
from resources.llm.answers.meanings import meaning_of
from resources.llm.answers.server_words import ServerWords, words_of
from resources.llm.backends.http_errors import ErrorReader
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import http, running
from tests.resources.llm.test_server_shapes import error, gemini

NO_MODEL: list[tuple[int, Any]] = [
    (404, error("The model `x` does not exist.", type="NotFoundError", param="model", code=404)),
    (404, error("The model `acme-4.1-mini` does not exist or you do not have access to it.", code="something_else")),
    (404, gemini(404, "models/acme-9.5 is not found for API version v1main, or is not supported for generateContent.", "NOT_FOUND")),
    (404, {"type": "error", "error": {"type": "not_found_error", "message": "model: acme-9"}}),
    (400, {"object": "error", "message": "Invalid model: acme", "type": "invalid_model", "code": "1500"}),
    (400, error("Model Not Exist", type="invalid_request_error", code="invalid_request_error")),
    (404, error("Unable to access model acme. Please visit our list.", code="model_not_available")),
    (400, error("/chat/completions: Invalid model name passed in model=acme.", type="None", code="400")),
    (404, error("The API deployment for this resource does not exist.", code="DeploymentNotFound")),
    (404, error("Model not found, inaccessible, and/or not deployed", code="NOT_FOUND")),
    (404, error("model 'acme' not found", type="not_found_error")),
    (404, {"code": "Some requested entity was not found", "error": "The model acme does not exist or your team has no access to it."}),
    (400, {"code": 20012, "message": "Model does not exist. Please check it carefully.", "data": None}),
    (400, error("The model `acme` has been decommissioned and is no longer supported.")),
    (400, error("Invalid model 'acme'. Permitted models are listed in the documentation.")),
    (400, {"message": "The provided model identifier is invalid."}),
    (403, {"message": "You don't have access to the model with the specified model ID."}),
    (404, error("No endpoints found for acme/large.", code=404)),
    (404, {"detail": "The requested model (acme-9) could not be found"}),
    (422, {"detail": "Model acme-9 is not available"}),
    (400, error("模型不存在，请检查模型代码。", code="1211")),
    (404, error("Unknown model: acme", code="unknown_model")),
]
A_MODEL_IS_THERE: list[tuple[int, Any, str]] = [
    (404, {"detail": "Not Found"}, "row"),
    (404, b"404 page not found", "row"),
    (404, error("No endpoints found that support image input", code=404), "row"),
    (404, error("File 'file-12' not found"), "row"),
    (400, error("The model produced invalid content"), "row"),
    (400, error("Invalid model output: it could not be parsed"), "row"),
    (400, error("model response is invalid JSON"), "row"),
    (400, error("Tool 'lookup' not found in the tools of the model"), "row"),
    (400, error("Invalid value: 'model'. Supported values are: 'system', 'user'", param="messages[0].role"), "row"),
    (400, error("Unsupported parameter: 'max_tokens' is not supported with this model.", param="max_tokens"), "setting"),
    (400, error("This model does not support image input"), "setting"),
    (400, error("`temperature` is deprecated for this model."), "setting"),
    (400, error("This model's maximum context length is 8 tokens; more is not available."), "too_long"),
    (503, error("Model is not available, overloaded"), "busy"),
    (500, error("model not loaded"), "broken"),
]
SPENT: list[tuple[int, Any]] = [
    (429, gemini(429, "You exceeded your current quota.", "RESOURCE_EXHAUSTED", {"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]})),
    (429, error("Rate limit reached for x on requests per day (RPD): Limit 10000. Please try again in 7m12s.", code="rate_limit_exceeded")),
    (429, error("Rate limit reached for x on tokens per day (TPD): Limit 100000, Used 99336.", type="tokens", code="rate_limit_exceeded")),
    (429, error("Rate limit of 150 per 86400s exceeded for UserByModelByDay. Please wait 49350 seconds.", code="RateLimitReached")),
    (429, {"errors": [{"message": "you have used up your daily free allocation of 10,000 neurons", "code": 4006}], "success": False}),
    (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "You have reached your specified API usage limits."}}),
    (412, error("Account x is suspended, possibly due to unpaid invoices.", code="FAILED_PRECONDITION")),
    (403, error("Out of call volume quota. Quota will be replenished in 12 days.", code="403")),
    (429, error("You have exceeded your monthly included credits.")),
    (429, error("Daily token limit reached for this key")),
]
NOT_SPENT: list[tuple[int, Any, str]] = [
    (429, error("Rate limit reached for x on tokens per min (TPM): Limit 30000", type="tokens", code="rate_limit_exceeded"), "limit"),
    (429, error("Quota exceeded for quota metric 'API requests per minute'"), "limit"),
    (429, error("Rate limit of 10 per 60s exceeded for UserByModelByMinute.", code="RateLimitReached"), "limit"),
    (
        429,
        gemini(429, "You exceeded your current quota.", "RESOURCE_EXHAUSTED", {"violations": [{"quotaId": "RequestsPerMinutePerProject"}]}),
        "limit",
    ),
    (429, error("Your plan allows 60 requests per minute and 10000 per day; wait a moment."), "limit"),
    (429, error("Too many requests. Limit: 60/minute, 1000 requests per day. Please retry after 1s"), "limit"),
    (429, error("You are sending requests too quickly. Daily usage limit: 5000"), "limit"),
    (429, error("Request too large for x on tokens per day (TPD): Limit 10, Requested 20"), "too_long"),
    (400, error("a message names the days of the week"), "row"),
    (400, error("max_tokens has a limit of 4096"), "row"),
]


@pytest.mark.parametrize(("status", "body"), NO_MODEL, ids=range(len(NO_MODEL)))
def test_a_model_that_is_not_there(status: int, body: Any) -> None:
    assert meaning_of(status, words_of(orjson.dumps(body))) == "model"


@pytest.mark.parametrize(("status", "body"), SPENT, ids=range(len(SPENT)))
def test_a_quota_of_a_day_or_more_that_is_spent(status: int, body: Any) -> None:
    assert meaning_of(status, words_of(orjson.dumps(body))) == "money"


@pytest.mark.parametrize(("status", "body", "meaning"), [*A_MODEL_IS_THERE, *NOT_SPENT], ids=range(len(A_MODEL_IS_THERE) + len(NOT_SPENT)))
def test_what_only_sounds_like_it_means_what_it_meant(status: int, body: Any, meaning: str) -> None:
    assert meaning_of(status, words_of(body if isinstance(body, bytes) else orjson.dumps(body))) == meaning


@pytest.mark.parametrize(
    "text",
    ['The model "acme" does not exist', "invalid model: acme", "How many requests per day (RPD)?", "the daily limit", "account x is suspended"],
)
def test_a_row_that_the_server_repeats_stops_no_run(text: str) -> None:
    reader = ErrorReader("the server")
    for quoted in (text, text.replace('"', "'"), text.upper()):
        for status in (400, 429):
            assert not reader.error(status, {}, orjson.dumps(error(f"cannot read this: {quoted}")), asked=f"Explain:\n{text}").fatal


@pytest.mark.parametrize(
    "said", ["The JSON produced by the model is invalid.", "Image input for this model is not supported.", "Invalid model temperature"]
)
def test_a_server_that_has_answered_has_the_model_and_finds_fault_with_the_request(said: str) -> None:
    reader = ErrorReader("the server")
    assert not reader.error(400, {}, orjson.dumps(error(said)), key_was_taken=True).fatal
    assert reader.error(404, {}, orjson.dumps(error("The model `x` does not exist.", param="model")), key_was_taken=True).fatal


def test_a_path_that_is_not_there_is_the_fault_of_the_address_where_nothing_was_answered() -> None:
    reader = ErrorReader("the server at http://127.0.0.1:8000/api")
    told = reader.error(404, {}, b'{"detail": "Not Found"}').message
    assert told.startswith("HTTP 404 from the server at http://127.0.0.1:8000/api: Not Found. It has answered nothing yet: the base URL may be wrong")
    assert "base URL" not in reader.error(404, {}, b'{"detail": "Not Found"}', key_was_taken=True).message
    assert "base URL" not in reader.error(400, {}, b'{"detail": "Not Found"}').message


@pytest.mark.parametrize("place", [0, 5])
@pytest.mark.parametrize(("answer", "words"), [(NO_MODEL[0], "does not have the model"), (SPENT[0], "quota is spent")])
def test_the_run_stops_at_once(place: int, answer: tuple[int, Any], words: str, make_serving: MakeServing) -> None:
    questions = [f"question {number}" for number in range(30)]
    with running({question: http(*answer) for question in questions[place:]}) as server:
        with pytest.raises(ServingStopped, match=words):
            make_serving(server.address, max_in_flight=1).generate_from_input(questions)
        assert server.asked.total() == place + 1


def test_long_messages_are_searched_in_little_time() -> None:
    started = time.process_time()
    for piece in ("model ", "model a, ", "deployment/", "account x ", "per ", "daily a b c ", "model: (", "模型", "reached your a b "):
        meaning_of(400, ServerWords(piece * 2000), "", piece * 2000)
    assert time.process_time() - started < 20
