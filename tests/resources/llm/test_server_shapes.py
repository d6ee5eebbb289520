"""What each provider's error means, by its body and by the provider: shapes written from the public documentation and bug reports."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.answers import Completion, Failure, ServingStopped
from operators.asking.requests import Request
from resources.llm.answers.completion_json import ErrorInAnswer, reply_of
from resources.llm.answers.meanings import MEANINGS, meaning_of, meanings, provider_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.server_words import words_of
from resources.llm.backends.http_errors import ErrorReader
from resources.llm.settings.providers import providers
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import completion, http, running


def error(message: str, **further: Any) -> dict[str, Any]:
    return {"error": {"message": message, **further}}


def old_vllm(message: str, kind: str = "BadRequestError", code: int = 400) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": code}


def gemini(code: int, message: str, status: str, *details: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"error": {"code": code, "message": message, "status": status, "details": list(details)}}]


KEY_IS_BAD = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
RETRY_IN = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}
A_DAYS = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
FLAGGED = {"reasons": ["violence"], "flagged_input": "how do I ...", "provider_name": "OpenAI", "model_slug": "some/model"}

SHAPES: list[tuple[str, int, Any, str]] = [
    ("openai", 401, error("Incorrect API key provided: sk-...abcd.", type="invalid_request_error", code="invalid_api_key"), "key"),
    ("openai", 403, error("Country, region, or territory not supported", code="unsupported_country_region_territory"), "key"),
    ("openai", 429, error("You exceeded your current quota.", type="insufficient_quota", code="insufficient_quota"), "money"),
    ("openai", 400, error("Billing hard limit has been reached", code="billing_hard_limit_reached"), "money"),
    ("openai", 429, error("Rate limit reached for the model on tokens per min.", type="tokens", code="rate_limit_exceeded"), "limit"),
    ("openai", 429, error("Request too large for the model: Limit 30000, Requested 40000.", code="rate_limit_exceeded"), "too_long"),
    ("openai", 400, error("This model's maximum context length is 8192 tokens.", code="context_length_exceeded"), "too_long"),
    ("openai", 400, error("Unsupported value: 'temperature' does not support 0.", param="temperature", code="unsupported_value"), "setting"),
    ("openai", 400, error("Invalid prompt: your prompt was flagged.", code="invalid_prompt"), "moderation"),
    ("openai", 400, error("Your request was rejected as a result of our safety system.", code="content_policy_violation"), "moderation"),
    ("openai", 404, error("The model `x` does not exist or you do not have access to it.", code="model_not_found"), "model"),
    ("openai", 500, error("The server had an error while processing your request.", type="server_error"), "broken"),
    ("openai", 503, error("The engine is currently overloaded, please try again later"), "busy"),
    ("azure", 400, error("Filtered.", code="content_filter", innererror={"code": "ResponsibleAIPolicyViolation"}), "moderation"),
    ("gemini", 400, gemini(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", KEY_IS_BAD), "key"),
    ("gemini", 400, gemini(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"), "key"),
    ("gemini", 403, gemini(403, "Permission denied on resource project.", "PERMISSION_DENIED"), "key"),
    ("gemini", 429, gemini(429, "You exceeded your current quota, check your plan and billing details.", "RESOURCE_EXHAUSTED", RETRY_IN), "limit"),
    ("gemini", 429, gemini(429, "Quota exceeded for GenerateRequestsPerDayPerProjectPerModel.", "RESOURCE_EXHAUSTED", A_DAYS), "money"),
    ("gemini", 400, gemini(400, "The input token count (9) exceeds the maximum number of tokens allowed (8).", "INVALID_ARGUMENT"), "too_long"),
    ("gemini", 503, gemini(503, "The model is overloaded. Please try again later.", "UNAVAILABLE"), "busy"),
    ("gemini", 504, gemini(504, "Deadline expired before operation could complete.", "DEADLINE_EXCEEDED"), "slow"),
    ("gemini", 400, gemini(400, "Invalid JSON payload received. Unknown name \"seed\": Cannot find field.", "INVALID_ARGUMENT"), "setting"),
    ("anthropic", 401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}, "key"),
    ("anthropic", 403, {"type": "error", "error": {"type": "permission_error", "message": "Your key may not use this."}}, "key"),
    ("anthropic", 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low."}}, "money"),
    ("anthropic", 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8"}}, "too_long"),
    ("anthropic", 413, {"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}}, "too_long"),
    ("anthropic", 400, error("Output blocked by content filtering policy", type="invalid_request_error"), "moderation"),
    ("anthropic", 429, {"type": "error", "error": {"type": "rate_limit_error", "message": "Too many, above your rate limit"}}, "limit"),
    ("anthropic", 529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "busy"),
    ("anthropic", 400, error("`temperature` is deprecated for this model.", type="invalid_request_error"), "setting"),
    ("openrouter", 403, error("The model requires moderation. Your input was flagged.", code=403, metadata=FLAGGED), "moderation"),
    ("openrouter", 403, error("Forbidden", code=403, metadata=FLAGGED), "moderation"),
    ("openrouter", 403, error("Forbidden", code=403), "moderation"),
    ("openrouter", 403, error("Key limit exceeded (total limit).", code=403), "money"),
    ("openrouter", 402, error("Insufficient credits. Add more credits.", code=402), "money"),
    ("openrouter", 401, error("No auth credentials found", code=401), "key"),
    ("openrouter", 404, error("No endpoints found that support image input", code=404), "row"),
    ("openrouter", 502, error("Provider returned error", code=502, metadata={"raw": "upstream failed", "provider_name": "x"}), "broken"),
    ("openrouter", 400, error("Provider returned error", code=400, metadata={"raw": '{"error":{"message":"prompt is too long"}}'}), "too_long"),
    ("deepseek", 402, error("Insufficient Balance", type="unknown_error", code="invalid_request_error"), "money"),
    ("deepseek", 400, error("Content Exists Risk", type="invalid_request_error", code="invalid_request_error"), "moderation"),
    ("deepseek", 401, error("Authentication Fails (no such user)", type="authentication_error", code="invalid_request_error"), "key"),
    ("deepseek", 422, error("Invalid parameters", type="invalid_request_error"), "row"),
    ("mistral", 401, {"message": "Unauthorized", "request_id": "x"}, "key"),
    ("mistral", 401, {"detail": "Unauthorized"}, "key"),
    ("mistral", 422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs", "input": 1}]}, "setting"),
    ("mistral", 429, {"object": "error", "message": "Service tier capacity exceeded for this model.", "code": "3505"}, "busy"),
    ("mistral", 429, {"message": "Requests rate limit exceeded"}, "limit"),
    ("mistral", 400, {"object": "error", "message": "Prompt contains 9 tokens, too large for model with 8", "type": "invalid_request"}, "too_long"),
    ("vllm", 400, old_vllm("This model's maximum context length is 8 tokens. However, you requested 9 tokens."), "too_long"),
    ("vllm", 404, old_vllm("The model `x` does not exist.", "NotFoundError", 404), "model"),
    ("vllm", 400, error("The decoder prompt (length 9) is longer than the maximum model length of 8.", type="BadRequestError"), "too_long"),
    ("sglang", 400, old_vllm("The input (9 tokens) is longer than the model's context length (8 tokens)."), "too_long"),
    ("sglang", 400, old_vllm("Requested token count exceeds the model's maximum context length of 8 tokens."), "too_long"),
    ("ollama", 404, error('model "x" not found, try pulling it first', type="api_error"), "model"),
    ("ollama", 400, {"error": "the input length exceeds the context length"}, "too_long"),
    ("ollama", 503, error("server busy, please try again. maximum pending requests exceeded"), "busy"),
    ("ollama", 500, error("llama runner process has terminated: exit status 2", type="api_error"), "broken"),
    ("llama-cpp", 503, error("Loading model", code=503, type="unavailable_error"), "busy"),
    ("llama-cpp", 400, error("the request exceeds the available context size", code=400, type="exceed_context_size_error", n_ctx=8), "too_long"),
    ("llama-cpp", 500, error("input is too large to process. increase the physical batch size", code=500, type="server_error"), "too_long"),
    ("llama-cpp", 401, error("Invalid API Key", code=401, type="authentication_error"), "key"),
    ("litellm-proxy", 400, error("Budget has been exceeded! Current cost: 1.1, Max budget: 1.0", type="budget_exceeded", code="400"), "money"),
    ("litellm-proxy", 401, error("Authentication Error, Invalid proxy server token passed", type="auth_error", code="401"), "key"),
    ("litellm-proxy", 400, error("litellm.ContextWindowExceededError: too much", type="None", param="None", code="400"), "row"),
    ("litellm-proxy", 400, error("litellm.ContentPolicyViolationError: content_policy_violation", code="400"), "moderation"),
    ("litellm-proxy", 429, error("No deployments available for selected model, Try again in 5 seconds.", code="429"), "busy"),
    ("litellm-proxy", 400, error('litellm.BadRequestError: {"error":{"message":"API key not valid"}}', code="400"), "key"),
    ("", 413, {"error": "Input validation error: `inputs` must have less than 512 tokens. Given: 600", "error_type": "Validation"}, "too_long"),
    ("", 422, {"message": "batch size 64 > maximum allowed batch size 32", "code": 422, "type": "Validation"}, "too_many"),
    ("", 400, error("<400> InvalidParameter: batch size is invalid, it should not be larger than 10.: input.contents"), "too_many"),
    ("", 400, {"object": "error", "message": "Too many inputs in request, split into more batches.", "code": "3210"}, "too_many"),
    ("anthropic", 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "This organization has been disabled."}}, "key"),
    ("", 400, error("Organization has been restricted. Ask support.", type="invalid_request_error", code="organization_restricted"), "key"),
    ("", 403, {"code": "No permission for this operation", "error": "Your new team doesn't have any credits yet."}, "money"),
    ("", 403, error("Your account has an overdue balance.", code="AccountOverdueError"), "money"),
    ("", 400, error("系统检测到输入或生成内容可能包含不安全或敏感内容", code="1301"), "moderation"),
    ("", 400, error("The input text may contain sensitive information.", code="SensitiveContentDetected"), "moderation"),
    ("", 400, error("Unavailable model: m", code="unavailable_model"), "model"),
    ("", 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "The given endpoint does not exist, check that it is deployed."}, "model"),
    ("", 404, error("Your account has not activated the model m. Please activate it.", code="ModelNotOpen"), "model"),
    ("", 400, error("This model is only supported in v1/responses and not in v1/chat/completions.", param="model"), "model"),
    ("", 400, error("Invocation of model ID m with on-demand throughput isn't supported.", code=400), "model"),
    ("", 400, {"error": "The model has crashed without additional information. (Exit code: null)"}, "broken"),
    ("", 502, b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "broken"),
    ("", 400, b"", "row"),
    ("", 400, b"\xff\xfe", "row"),
    ("", 418, [], "row"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "status", "body", "meaning"), SHAPES, ids=range(len(SHAPES)))
def test_c5_an_error_means_what_its_body_and_its_provider_say(provider: str, status: int, body: Any, meaning: str) -> None:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    assert meaning_of(status, words_of(content), provider) == meaning


@pytest.mark.parametrize(("provider", "status", "body", "meaning"), [shape for shape in SHAPES if shape[0] not in ("", "openrouter")])
def test_c5_behind_a_plain_address_it_means_the_same_but_for_what_only_the_provider_can_tell(
    provider: str, status: int, body: Any, meaning: str
) -> None:
    found = meaning_of(status, words_of(orjson.dumps(body)), "")
    assert found == meaning or (found, meaning) in {("limit", "money"), ("row", "model"), ("row", "key"), ("row", "money")}


def test_every_provider_of_the_table_is_one_that_users_can_name_and_is_known_by_its_host() -> None:
    assert set(meanings().providers) - set(providers()) == {"mistral"}
    assert {sign.meaning for words in meanings().providers.values() for sign in words.signs} <= set(MEANINGS)
    assert provider_of(None, "openrouter.ai") == "openrouter"
    assert provider_of(None, "eu.api.openai.com") == "openai"
    assert provider_of(None, "europe-west1-aiplatform.googleapis.com") == "gemini"
    assert provider_of("vllm", "openrouter.ai") == "vllm"
    assert provider_of(None, "notopenrouter.ai") == ""


def test_c5_a_row_that_the_server_repeats_stops_no_run() -> None:
    text = "insufficient_quota: invalid api key, your input was flagged, API key not valid"
    reader = ErrorReader("the server")
    told = reader.error(400, {}, orjson.dumps(error(f"cannot read this: {text}")), asked=text)
    assert (told.kind, told.fatal) == ("bad_request", False)
    assert reader.error(400, {}, orjson.dumps(error("API key not valid")), asked="hello").fatal


def test_c5_one_flagged_row_is_set_aside_and_the_others_are_answered(make_serving: MakeServing) -> None:
    flagged = http(403, error("This model requires moderation. Your input was flagged.", code=403, metadata=FLAGGED))
    with running({"question 7": flagged}) as server:
        answers = make_serving(server.address).generate_from_input([f"question {number}" for number in range(40)])
        [failure] = [answer for answer in answers if isinstance(answer, Failure)]
        assert answers.index(failure) == 7
        assert (failure.kind, failure.attempts, server.asked.total()) == ("filtered", 1, 40)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (402, error("Insufficient Balance"), "quota is spent"),
        (400, gemini(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", KEY_IS_BAD), "refused the key"),
        (400, error("Your credit balance is too low to access the API."), "quota is spent"),
        (401, {"detail": "Unauthorized"}, "refused the key"),
        (404, error("The model `x` does not exist", code="model_not_found"), "does not have the model"),
        (200, error("Insufficient credits", code=402), "quota is spent"),
    ],
)
def test_c5_what_no_other_row_can_survive_stops_the_run_at_once(status: int, body: Any, words: str, make_serving: MakeServing) -> None:
    with running(otherwise=http(status, body)) as server:
        with pytest.raises(ServingStopped, match=words):
            make_serving(server.address, max_in_flight=8).generate_from_input([f"question {number}" for number in range(200)])
        assert server.asked.total() <= 8


@pytest.mark.parametrize(
    ("body", "kind", "asked", "words"),
    [
        (error("the provider is down", code=502), "unavailable", 3, "the provider is down"),
        (error("slow down", code=429), "rate_limited", 3, "slow down"),
        (error("the prompt cannot be read", code=400), "bad_request", 1, "cannot be read"),
        (error("flagged", code="content_filter"), "filtered", 1, "flagged"),
        ({"error": "out of memory"}, "unavailable", 3, "out of memory"),
        (completion(None, "error", choice={"error": {"code": 502, "message": "upstream broke"}}), "unavailable", 3, "upstream broke"),
        ({"choices": None, "usage": None}, "malformed", 3, "no choices"),
        ({"choices": []}, "malformed", 3, "no choices"),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "filtered", 1, "refused to answer"),
        ({"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, "rate_limited", 3, "rate limit"),
        ({"code": 500, "msg": "no such path here", "success": False}, "unavailable", 3, "no such path here"),
        ({"error_code": 18, "error_msg": "too many requests a second"}, "rate_limited", 3, "too many requests a second"),
        ({"success": False, "errors": [{"code": 7, "message": "the worker broke"}], "messages": []}, "unavailable", 3, "the worker broke"),
        ({"errorMessage": "the task took too long", "errorType": "Sandbox"}, "unavailable", 3, "the task took too long"),
        ({"message": "the endpoint took too long"}, "unavailable", 3, "the endpoint took too long"),
        (b'event: error\ndata: {"error": {"message": "the stream broke"}}\n\n', "unavailable", 3, "the stream broke"),
        (b"<html><title>Sign in to the network</title></html>", "malformed", 3, "Sign in to the network"),
        (b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n', "malformed", 3, "no JSON"),
        ({"message": {"role": "assistant", "content": "of another protocol"}, "done": True}, "malformed", 3, "no choices"),
        ([], "malformed", 3, "no chat completion"),
        (completion({"unknown": 1}), "malformed", 3, "empty text"),
        (completion(12), "malformed", 3, "content is a int"),
        ({"choices": [{"message": None}]}, "malformed", 3, "without a message"),
        ({"choices": [{"message": None, "finish_reason": "stop"}]}, "malformed", 3, "without a message"),
        ({"choices": [{"index": 0, "finish_reason": "length"}]}, "truncated", 1, "raise max_tokens"),
        ({"choices": [{"message": None, "finish_reason": "content_filter: PROHIBITED_CONTENT"}]}, "filtered", 1, "PROHIBITED_CONTENT"),
    ],
)
def test_c8_an_error_in_an_answer_is_told_in_the_servers_words_and_retried_as_such(
    body: Any, kind: str, asked: int, words: str, make_serving: MakeServing
) -> None:
    with running(otherwise=http(200, body)) as server:
        [answer] = make_serving(server.address, retries=2, retry_after_most=0).generate_from_input(["a question"])
        assert isinstance(answer, Failure)
        assert (answer.kind, server.asked.total()) == (kind, asked)
        assert words in answer.message
        assert "KeyError" not in answer.message


@pytest.mark.parametrize("beside", [{"base_resp": {"status_code": 0, "status_msg": ""}}, {"msg": "success"}, {"error": None}])
def test_an_answer_with_words_beside_its_choices_is_an_answer(beside: dict[str, Any], make_serving: MakeServing) -> None:
    with running(otherwise=http(200, completion("kept", **beside))) as server:
        [answer] = make_serving(server.address).generate_from_input(["a question"])
        assert isinstance(answer, Completion)


def test_a_byte_order_mark_before_json_is_passed_over(make_serving: MakeServing) -> None:
    bom = b"\xef\xbb\xbf"
    with running(
        {"good": http(200, bom + orjson.dumps(completion("kept"))), "bad": http(400, bom + orjson.dumps(error("no", code="content_filter")))}
    ) as server:
        good, bad = make_serving(server.address).generate_from_input(["good", "bad"])
        assert isinstance(good, Completion)
        assert isinstance(bad, Failure)
        assert bad.kind == "filtered"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "error", "usage", "finish_reason", "type", "text", "code", "metadata"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON, JSON)
def test_any_json_is_a_reply_or_an_honest_error(content: Any, reason: Any, usage: Any, anything: Any) -> None:
    for body in (anything, {"choices": [{"message": {"content": content, "reasoning": anything}, "finish_reason": reason}], "usage": usage}):
        try:
            reply = reply_of(json.dumps(body).encode(), Request.of("q"), "m", 0.1, "the server")
        except (BackendError, ErrorInAnswer):
            continue
        assert isinstance(reply, Reply)
        assert isinstance(reply.text, str)
        assert 0 <= reply.prompt_tokens <= 2**53


@given(st.integers(200, 599), JSON, st.text(max_size=30))
def test_any_error_body_has_a_meaning(status: int, body: Any, asked: str) -> None:
    for provider in ("", *meanings().providers):
        assert meaning_of(status, words_of(json.dumps(body).encode()), provider, asked) in MEANINGS
