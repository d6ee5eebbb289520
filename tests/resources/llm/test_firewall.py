"""A firewall in front of a server that refuses one row stops no run; a refused key does."""

from __future__ import annotations

from typing import Any

import pytest

from operators.asking.answers import Completion, Failure, ServingStopped
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import http, running

PAGE = http(403, b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1><hr>gate</body></html>", {"Content-Type": "text/html"})
APACHE = http(403, b"<h1>Forbidden</h1><p>You don't have permission to access this resource.</p>", {"Content-Type": "text/html"})
REFUSALS = {
    "a page": PAGE,
    "a page that talks of permission": APACHE,
    "plain text": http(403, b"error code: 1020"),
    "nothing": http(403, b""),
    "JSON that says no more than the status": http(403, {"message": "Forbidden"}),
}
ROW = "what does ' OR 1=1 -- do?"


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("place", [0, 7])
def test_a_row_that_a_firewall_refuses_is_set_aside_alone_wherever_it_stands(refusal: str, place: int, make_serving: MakeServing) -> None:
    questions = [f"question {number}" for number in range(20)]
    questions[place] = ROW
    with running({ROW: REFUSALS[refusal]}) as server:
        answers = make_serving(server.address, max_in_flight=1).generate_from_input(questions)
        assert [isinstance(answer, Completion) for answer in answers] == [number != place for number in range(20)]
        failure = answers[place]
        assert isinstance(failure, Failure)
        assert (failure.kind, failure.attempts) == ("bad_request", 1)
        assert "takes the key with other requests" in failure.message
        assert server.asked[ROW] == 1


def test_a_run_after_it_whose_first_question_is_that_row_goes_on_too(make_serving: MakeServing) -> None:
    with running({ROW: PAGE}) as server:
        for _ in range(2):
            answers = make_serving(server.address, max_in_flight=1).generate_from_input(["before", ROW])
            assert [isinstance(answer, Completion) for answer in answers] == [True, False]


def test_many_refused_rows_before_the_first_answer_cost_one_harmless_question(make_serving: MakeServing) -> None:
    rows = {f"{ROW} {number}": PAGE for number in range(10)}
    with running(dict(rows)) as server:
        answers = make_serving(server.address, max_in_flight=4).generate_from_input([*rows, "last"])
        assert [isinstance(answer, Completion) for answer in answers] == [False] * 10 + [True]
        assert server.asked["Hello"] == 1


@pytest.mark.parametrize("refusal", REFUSALS)
def test_where_everything_is_refused_the_run_stops_at_once(refusal: str, make_serving: MakeServing) -> None:
    with running(otherwise=REFUSALS[refusal]) as server:
        with pytest.raises(ServingStopped, match="refused the key"):
            make_serving(server.address, max_in_flight=4).generate_from_input([f"question {number}" for number in range(100)])
        assert server.asked.total() <= 5


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"message": "Unauthorized"}),
        (401, b"<h1>401 Unauthorized</h1>"),
        (403, {"error": {"message": "This key may not use the endpoint.", "type": "permission_error"}}),
        (403, {"message": "Your API key has been revoked"}),
        (403, {"error": {"message": "The `models` permission is required"}}),
    ],
)
def test_a_key_that_is_refused_in_words_stops_the_run_also_after_answers(status: int, body: Any, make_serving: MakeServing) -> None:
    with running({"question 5": http(status, body)}) as server, pytest.raises(ServingStopped, match="refused the key"):
        make_serving(server.address, max_in_flight=1).generate_from_input([f"question {number}" for number in range(20)])
