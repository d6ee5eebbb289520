"""Conversations as text, and where in it the assistant speaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.messages.reading import read_turns
from operators.bases.messages.templates import find_template
from operators.tables.errors import StageFailed
from operators.text.messages.render import RenderMessages
from tests.text.messages.conversations import CALLING, OPENAI, SHAPES, said

TRIMMING = (
    "{{ bos_token }}{%- for message in messages -%}\n[{{ message.role }}]{{ message.content | trim }}{{ eos_token }}\n{%- endfor -%}"
    "{{ '[assistant]' if add_generation_prompt else '' }}"
)
OF_CALLS = (
    "{% for message in messages %}{{ '<' + message.role + '>' }}{{ message.content }}"
    "{% for call in message.tool_calls or [] %}{{ 'CALL ' + call.function.name + call.function.arguments | tojson }}{% endfor %}"
    "{{ '</>' }}{% endfor %}{{ '<assistant>' if add_generation_prompt else '' }}"
)
STRICT = (
    "{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
    "{{ message.content }}{% endfor %}"
)


def rendered(conversation: Any, **parameters: Any) -> dict[str, Any]:
    given_value = conversation if isinstance(conversation, str) else json.dumps(conversation)
    result = RenderMessages(**parameters).run([{"messages": given_value}], progress=False)
    (row,) = result.table.to_pylist()
    return dict(row)


def answers(row: dict[str, Any]) -> list[str]:
    return [row["text"][span["start"] : span["end"]] for span in row["answers"]]


def template_file(folder: Path, source: str) -> str:
    (folder / "chat_template.jinja").write_text(source)
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": {"content": "</s>"}}))
    return str(folder / "chat_template.jinja")


@pytest.mark.parametrize("shape", SHAPES)
def test_plain_and_chatml(shape: str) -> None:
    plain = "System: Be brief.\n\nUser: When does the ferry leave?\n\nAssistant: At six.\n\nUser: And back?\n\nAssistant: At nine in the evening."
    assert rendered(SHAPES[shape])["text"] == plain
    chatml = rendered(SHAPES[shape], template="chatml")["text"]
    assert chatml.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhen")
    assert chatml.endswith("<|im_start|>assistant\nAt nine in the evening.<|im_end|>\n")


def test_the_turns_of_some_roles_alone() -> None:
    assert rendered(OPENAI, roles=("user",))["text"] == "When does the ferry leave?\n\nAnd back?"
    assert rendered(OPENAI, roles=("user", "assistant"))["text"].startswith("User: When")


def test_a_prompt_asks_for_the_answer() -> None:
    assert rendered(said("Why?"), template="chatml", ask=True)["text"].endswith("Why?<|im_end|>\n<|im_start|>assistant\n")


def test_answers_are_marked_with_what_ends_them(tmp_path: Path) -> None:
    assert answers(rendered(OPENAI, mark_answers=True)) == ["At six.", "At nine in the evening."]
    assert answers(rendered(OPENAI, mark_answers=True, template="chatml")) == ["At six.<|im_end|>", "At nine in the evening.<|im_end|>"]
    trimming = rendered(said("Why?", "  Because. \n"), mark_answers=True, template=template_file(tmp_path, TRIMMING))
    assert trimming["text"] == "<s>[user]Why?</s>[assistant]Because.</s>"
    assert answers(trimming) == ["Because.</s>"]


def test_an_answer_that_stands_elsewhere_too_is_marked_where_it_is_given() -> None:
    row = rendered(said("Say At six.", "At six.", "Again: At six.", "At six."), mark_answers=True)
    assert answers(row) == ["At six."] * 2
    assert [row["text"][: span["start"]].endswith("Assistant: ") for span in row["answers"]] == [True, True]


def test_calls_are_part_of_the_answer(tmp_path: Path) -> None:
    row = rendered(CALLING, mark_answers=True, template=template_file(tmp_path, OF_CALLS))
    assert answers(row)[0] == 'CALL weather{"city": "Rome"}CALL weather{"city": "Oslo"}</>'
    assert answers(rendered(CALLING, mark_answers=True, template="chatml"))[0].count("<tool_call>") == 2


def test_what_a_template_has_no_place_for_stands_in_the_content(tmp_path: Path) -> None:
    text = rendered(CALLING, template=template_file(tmp_path, TRIMMING))["text"]
    assert '<tool_call>\n{"name":"weather","arguments":{"city":"Rome"}}\n</tool_call>' in text
    assert "<think>\nBoth are known now.\n</think>" in text


def test_a_conversation_that_the_template_refuses_is_set_aside_with_its_words(tmp_path: Path) -> None:
    operator = RenderMessages(template=template_file(tmp_path, STRICT), max_failed=1)
    result = operator.run([{"messages": json.dumps(said("a", "b"))}, {"messages": json.dumps(said("a", "b")[::-1])}], progress=False)
    assert result.table.num_rows == 1
    assert "the chat template refuses it: roles must alternate" in result.rejected.to_pylist()[0]["rejected_reason"]


def test_an_answer_that_a_template_leaves_out_is_not_marked_wrongly(tmp_path: Path) -> None:
    last_alone = "{{ messages[-1].content }}"
    operator = RenderMessages(template=template_file(tmp_path, last_alone), mark_answers=True, max_failed=1)
    result = operator.run([{"messages": json.dumps(said("a", "b", "c", "d"))}], progress=False)
    assert "leaves out or changes what the assistant says" in result.rejected.to_pylist()[0]["rejected_reason"]


def test_templates_are_found_where_models_have_them(tmp_path: Path) -> None:
    template_file(tmp_path, TRIMMING)
    assert rendered(said("a"), template=str(tmp_path))["text"] == "<s>[user]a</s>"
    several = [{"name": "tool_use", "template": "x"}, {"name": "default", "template": "{{ messages[0].content }}"}]
    (tmp_path / "other.json").write_text(json.dumps({"chat_template": several}))
    assert rendered(said("a"), template=str(tmp_path / "other.json"))["text"] == "a"
    with pytest.raises(StageFailed, match=r'no chat template "nowhere": give plain, chatml, or a file'):
        find_template("nowhere")
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(StageFailed, match="has no chat_template"):
        find_template(str(tmp_path / "none.json"))
    (tmp_path / "broken.jinja").write_text("{% for %}")
    with pytest.raises(StageFailed, match="cannot be read"):
        find_template(str(tmp_path / "broken.jinja"))


def test_a_template_cannot_reach_out_of_its_sandbox(tmp_path: Path) -> None:
    (tmp_path / "bad.jinja").write_text("{{ messages.__class__.__mro__ }}{{ ''.__class__ }}")
    with pytest.raises(ValueError, match="unsafe"):
        find_template(str(tmp_path / "bad.jinja")).render(read_turns(said("a")))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("aA .\n", min_size=1, max_size=6).filter(str.strip), min_size=2, max_size=6), st.sampled_from(["plain", "chatml"]))
def test_marked_answers_are_all_that_the_assistant_says(texts: list[str], template: str) -> None:
    row = rendered(said(*texts), template=template, mark_answers=True)
    assert [answer.removesuffix("<|im_end|>").rstrip("\n") for answer in answers(row)] == [text.rstrip("\n") for text in texts[1::2]]
