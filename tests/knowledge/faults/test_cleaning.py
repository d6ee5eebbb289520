"""Faults of the reference's cleaners of chunks, and that ours have them not."""

from __future__ import annotations

from typing import Any

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.knowledge.cleaning.cleaned import CleanedTextGenerator
from operators.knowledge.cleaning.prompts import CleanTextPrompt
from tests.faults import fault
from tests.text.faults.asking import ask, in_turn, user_text

NOISY = "<p>The dose is 5&nbsp;mg a day, not 10.</p>"
CLEAN = "The dose is 5 mg a day, not 10."


@fault('no fidelity check although rule 7 forbids changes; a refusal or failed call becomes the cleaned text or ""')
def test_what_changed_a_fact_is_not_taken_and_the_original_stays_with_the_reason() -> None:
    answers = {
        "right": CLEAN,
        "unit": "The dose is 5 g a day, not 10.",
        "negation": "The dose is 5 mg a day, 10.",
        "refusal": "I'm sorry, but I can't help with medical advice of this kind.",
    }
    for name, said in answers.items():
        kept, _, _ = ask(CleanedTextGenerator(), [{"text": NOISY}], lambda _, said=said: said)
        row = kept[0]
        assert row["text"] == NOISY
        if name == "right":
            assert (row["cleaned_text"], row["cleaning"], row["cleaning_reason"]) == (CLEAN, "cleaned", "tags, entities")
        else:
            assert (row["cleaned_text"], row["cleaning"]) == (NOISY, "original kept")
            assert {"unit": "5mg", "negation": "not 10", "refusal": "5mg"}[name] in row["cleaning_reason"]


def test_a_failed_call_sets_the_row_aside_with_its_reason() -> None:
    def answer(request: Request) -> Any:
        return Failure("truncated", "it was cut at 2048 tokens") if "bad" in user_text(request) else CLEAN

    kept, aside, _ = ask(CleanedTextGenerator(), [{"text": NOISY}, {"text": f"{NOISY} bad"}], answer)
    assert [row["cleaned_text"] for row in kept] == [CLEAN]
    assert aside[0]["rejected_reason"].startswith("truncated")
    kept, aside, _ = ask(CleanedTextGenerator(), [{"text": NOISY}], in_turn("", " ", "", ""))
    assert not kept
    assert "empty" in aside[0]["rejected_reason"]


@fault("[verified] English prompt ends with a Chinese section header")
@fault("asks the model to redact political or illegal content, unexpected for other users")
def test_the_prompt_is_in_one_language_and_hides_nothing() -> None:
    system, user = CleanTextPrompt().render({"text": "a text"})
    assert (system + user).isascii()
    assert user == "a text"
    assert not {"political", "illegal", "redact", "secret", "sensitive"} & set(system.lower().split())


@fault("post-process regex can never match (end-of-line anchors in the middle)")
def test_the_answer_is_the_cleaned_text_and_needs_no_repair() -> None:
    """An answer with something before the text has words that the text has not, and is not taken."""
    said = f"Here is the cleaned text, following the seven rules that you gave me:\n{CLEAN}"
    kept, _, _ = ask(CleanedTextGenerator(max_new_words=0.1), [{"text": NOISY}], lambda _: said)
    assert kept[0]["cleaning"] == "original kept"
    assert "added number: seven" in kept[0]["cleaning_reason"]


@fault("overwrites its own input, so reruns and branches are not idempotent")
@fault("extra fields in the file are lost")
def test_the_text_and_all_other_columns_stay_and_a_second_run_is_the_same() -> None:
    rows = [{"text": NOISY, "page": 7, "raw_chunk": "x", "tags": ["a"]}]
    first, _, _ = ask(CleanedTextGenerator(), rows, lambda _: CLEAN)
    again, _, _ = ask(CleanedTextGenerator(), rows, lambda _: CLEAN)
    assert first == again
    assert {name: first[0][name] for name in rows[0]} == rows[0]


@fault("ignores the custom prompt_template (uses the default one)")
def test_a_prompt_of_ones_own_is_what_the_model_is_asked() -> None:
    _, _, serving = ask(CleanedTextGenerator(prompt={"system": "You mend.", "user": "Mend: {{ text }}"}), [{"text": NOISY}], lambda _: CLEAN)
    assert [message.content for message in serving.requests[0].messages] == ["You mend.", f"Mend: {NOISY}"]


@fault("documents processed one after another: concurrency limited to one document")
def test_chunks_of_different_documents_are_in_flight_together() -> None:
    rows = [{"text": NOISY, "url": f"document {number}"} for number in range(8)]
    _, _, serving = ask(CleanedTextGenerator(), rows, lambda _: CLEAN, seconds=0.05)
    assert serving.most_at_once > 1


def test_a_text_without_noise_is_not_sent() -> None:
    prose = "The sun is a star. It shines by day."
    kept, _, serving = ask(CleanedTextGenerator(), [{"text": prose}, {"text": ""}], lambda _: "")
    assert [(row["cleaned_text"], row["cleaning"]) for row in kept] == [(prose, "not needed"), ("", "not needed")]
    assert not serving.requests
    kept, _, serving = ask(CleanedTextGenerator(only_where_needed=False), [{"text": prose}], lambda _: prose)
    assert kept[0]["cleaning"] == "unchanged"
    assert len(serving.requests) == 1
