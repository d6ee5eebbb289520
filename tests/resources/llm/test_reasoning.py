"""Thinking is parted from the answer, wherever a server puts it, and kept beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from operators import Input, LLMEvaluate, Output
from operators.asking.answers import Completion
from operators.asking.prompt import PromptTemplate
from resources.llm.answers.reasoning import MARKS, parted
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import completion, http, running


@pytest.mark.parametrize(
    ("text", "answer", "reasoning"),
    [
        ("<think>Let me see.</think>42", "42", "Let me see."),
        ("<think>\nLet me see.\n</think>\n\n42", "42", "Let me see."),
        ("\n <THINK>Let me see.</Think> 42\n", "42", "Let me see."),
        ("<think>\n\n</think>\n\n42", "42", ""),
        ("<think>one</think><think>two</think>42", "42", "one\n\ntwo"),
        ("Let me see.\n</think>\n\n42", "42", "Let me see."),
        ("Let me see.</think>42", "42", "Let me see."),
        ("Let me see.\n</think>**42** it is", "**42** it is", "Let me see."),
        ("I list them.\n</think>- one\n- two", "- one\n- two", "I list them."),
        ("I list them.</think>- one\n- two", "- one\n- two", "I list them."),
        ("It is below zero.\n\n</think>-5", "-5", "It is below zero."),
        ("</think>The answer is 42.", "The answer is 42.", ""),
        ("<think>never closed, so nothing was answered", "", "never closed, so nothing was answered"),
        ("<thinking>hm</thinking>42", "42", "hm"),
        ("<thought>hm</thought>42", "42", "hm"),
        ("[THINK]hm[/THINK]42", "42", "hm"),
        ("◁think▷hm◁/think▷42", "42", "hm"),
        ("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>", "42", "hm"),
        ("<|start|>assistant<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>", "42", "hm"),
        ("analysisWe add them.assistantfinalThe sum is 42.", "The sum is 42.", "We add them."),
        ("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>42<|END_RESPONSE|>", "42", "hm"),
        ("<think>hm</think>\n\n42<|im_end|>\n", "42", "hm"),
        ("The answer is 42.<|im_end|>", "The answer is 42.", ""),
        ("The answer is 42.\n<|eot_id|><|end_of_text|>\n", "The answer is 42.", ""),
        ("答案是42。<｜end▁of▁sentence｜>", "答案是42。", ""),
        ('{"score": 1}<end_of_turn>', '{"score": 1}', ""),
        ("<|im_end|>", "", ""),
        ("<think>a tag in it: <b></think>42", "42", "a tag in it: <b>"),
        ("so it is 42</think>\n\n42", "42", "so it is 42"),
        ("so it is 42 </think>\n42", "42", "so it is 42"),
        ("</think>\n\n42", "42", ""),
        ("Let me see.</think> 42", "42", "Let me see."),
        ("see\n</think> The answer is 42", "The answer is 42", "see"),
        ("想好了。</think>答案", "答案", "想好了。"),
        ("Done?</think>**42**", "**42**", "Done?"),
        ('{"score": 9}</think>{"score": 1}', '{"score": 1}', '{"score": 9}'),
        ("I should close with </think> soon.\n</think>\n\n42", "42", "I should close with </think> soon."),
        ("see\n</think>\n\nThe tag <think> opens it.", "The tag <think> opens it.", "see"),
        ("```\na</think>\n``` is a template\n</think>\n\n42", "42", "```\na</think>\n``` is a template"),
    ],
)
def test_a9_thinking_before_an_answer_is_parted_from_it(text: str, answer: str, reasoning: str) -> None:
    assert parted(text) == (answer, reasoning)


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "A turn ends with <|im_end|>",
        "It is called `<|endoftext|>`",
        "<|im_end|> ends a turn.",
        "<|im_start|>user\\nHi<|im_end|>\\n is a turn.",
        "analysis of the assistantfinal",
        "analysis\n\nThe data show a rise.",
        "  an answer with spaces around it \n",
        "The model writes `</think>` when it has thought.",
        'It ends with "</think>", always.',
        "It writes <think>...</think> around its thoughts.",
        '{"text": "thoughts end with</think>then comes the answer"}',
        '["</think>"]',
        "```\nthoughts</think>\n```\nThis is what a template looks like.",
        "I think that <b>bold</b> is right.",
        "The model closes its thoughts with </think> and then writes the answer.",
        "The tag </think> ends it.",
        "The tag that ends it is </think>",
        "The tag that ends it is </think>.",
        "It ends with **</think>** always.",
        "(</think>)",
        "Thoughts end with </thought>; the rest is the answer.",
        "1. The token </think>\n2. The token <think>",
        "- </think>\n- </tool_call>",
        "There are two tags.\n</think> is the one that closes.",
        "[/THINK] is the mark of another model.",
        "The marker: </think> Then comes the answer.",
        "text.split(</think>)[1]",
        "模型用 </think> 结束思考。",
        "Il modèle écrit </think>, puis la réponse.",
        "",
    ],
)
def test_a9_an_answer_about_thinking_is_left_as_it_is(text: str) -> None:
    assert parted(text) == (text, "")


@given(st.text(), st.text().filter(lambda text: text.strip() and "<" not in text and "[" not in text and "◁" not in text), st.sampled_from(MARKS))
def test_a9_whatever_was_thought_the_answer_comes_out(thought: str, answer: str, marks: tuple[str, str]) -> None:
    if not any(mark.lower() in thought.lower() for pair in MARKS for mark in pair):
        assert parted(f"{marks[0]}{thought}{marks[1]}{answer}")[0] == answer.strip()


ANSWERS = {
    "in the text": completion("<think>hm</think>\n42"),
    "without its opening mark": completion("hm\n</think>\n42"),
    "DeepSeek, vLLM, SGLang, llama.cpp, LiteLLM": completion("42", message={"reasoning_content": "hm"}),
    "OpenRouter, Ollama": completion("42", message={"reasoning": "hm"}),
    "OpenRouter, twice": completion("42", message={"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}),
    "Mistral": completion([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "42"}]),
    "Anthropic": completion([{"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": "42"}]),
    "a reasoning part": completion([{"type": "reasoning", "text": "hm"}, {"type": "output_text", "text": "42"}]),
    "parts of text": completion([{"type": "text", "text": "4"}, {"type": "text", "text": "2"}], message={"reasoning_content": "hm"}),
}


@pytest.mark.parametrize("server", ANSWERS)
def test_a9_each_servers_place_for_thinking_is_known_and_kept_in_the_cache(server: str, make_serving: MakeServing) -> None:
    with running(otherwise=http(200, ANSWERS[server])) as scripted:
        for cached in (False, True):
            [answer] = make_serving(scripted.address).generate_from_input(["a question"])
            assert isinstance(answer, Completion)
            assert (answer.text, answer.reasoning, answer.cached) == ("42", "hm", cached)
        assert scripted.asked.total() == 1


class Score(BaseModel):
    score: int


class ScorePrompt(PromptTemplate[Score]):
    user = "{{ text }}"


class Scored(LLMEvaluate):
    """For the test."""

    prompt: PromptTemplate[Score] = ScorePrompt()
    input_text = Input(str)
    output_score = Output(int, "score")


@pytest.mark.parametrize("text", ['<think>Is it {"score": 1}?</think>\n{"score": 4}', 'Is it {"score": 1}?\n</think>\n\n{"score": 4}'])
def test_a9_json_after_thinking_is_read_at_the_first_asking(text: str, make_serving: MakeServing) -> None:
    with running(otherwise=http(200, completion(text))) as scripted:
        scored = Scored().run([{"text": "a"}], resources={"llm": make_serving(scripted.address)})
        assert scored.table["score"].to_pylist() == [4]
        assert scripted.asked.total() == 1


def test_many_marks_are_read_in_linear_time() -> None:
    for text in ("see </think> a " * 20_000, "</think> a\n" * 20_000, "</think>" * 20_000, "[/THINK]" + "see" * 50_000):
        assert len(parted(text)[0]) <= len(text)
