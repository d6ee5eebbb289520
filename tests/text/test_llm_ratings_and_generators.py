"""What the language model operators of texts ask for, and what becomes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.generic.prompted import PromptedEvaluator, PromptedFilter, PromptedGenerator, PromptedRefiner
from operators.tables.errors import ParameterError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.testing.scripted_serving import ScriptedServing, smallest_answer
from operators.text.language.asked import LLMLanguageFilter
from operators.text.raters.dimension_prompts import Dimension
from operators.text.raters.dimensions import MetaRaterEvaluator
from operators.text.raters.instructions import AlpagasusEvaluator, InstagEvaluator, TreeInstructEvaluator
from operators.text.synthesis.chat import ChatMessagesGenerator
from operators.text.synthesis.condor import CondorGenerator, CondorRefiner, DomainTopicGenerator
from operators.text.synthesis.domain_tree import load_domain_tree
from operators.text.synthesis.pairs import InstructionGenerator, InstructionPairsGenerator, QuestionAnswerGenerator, RephraseGenerator

Rows = list[dict[str, Any]]


def run(operator: Operator, rows: Rows, answer: Callable[[Request], Any] = smallest_answer) -> tuple[Rows, Rows, ScriptedServing]:
    """Rows kept, rows set aside, and the model that was asked."""
    kept, rejected, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(answer)
    source = MemoryStorage(pa.Table.from_pylist(rows))
    operator.changed(max_failed=1.0).run(source, into=kept, rejected=rejected, resources={"llm": serving})
    return kept.read().to_pylist(), rejected.read().to_pylist(), serving


def said(request: Request) -> str:
    return str(request.messages[-1].content)


def always(**answer: Any) -> Callable[[Request], str]:
    return lambda request: json.dumps(answer)


# Ratings


def test_alpagasus_keeps_score_and_reason_and_sees_the_input_where_there_is_one() -> None:
    rows = [{"instruction": "Sum up", "input": "a long text", "output": "short"}, {"instruction": "Greet", "input": None, "output": "hi"}]
    kept, _, serving = run(AlpagasusEvaluator(dimension="accuracy"), rows, always(reason="it is right", score=4.5))
    assert [(row["alpagasus_score"], row["alpagasus_reason"]) for row in kept] == [(4.5, "it is right")] * 2
    asked = sorted(map(said, serving.requests), key=len)
    assert "Input:" not in asked[0]
    assert "Input:\na long text" in asked[1]
    assert "accuracy" in str(serving.requests[0].messages[0].content)


def test_one_bad_answer_sets_one_row_aside_and_costs_no_other() -> None:
    def answer(request: Request) -> str:
        return "Score: 4" if "stubborn" in str(request.messages[1].content) else json.dumps({"reason": "", "score": 3})

    rows = [{"instruction": name, "output": "x"} for name in ("one", "stubborn", "three")]
    kept, rejected, _ = run(AlpagasusEvaluator(), rows, answer)
    assert [row["instruction"] for row in kept] == ["one", "three"]
    assert rejected[0]["rejected_reason"].startswith("invalid_answer")


def test_tree_instruct_counts_the_nodes_itself() -> None:
    kept, _, _ = run(TreeInstructEvaluator(), [{"instruction": "write a poem"}], always(nodes=["write", "poem", "short"]))
    assert (kept[0]["tree_nodes"], kept[0]["tree"]) == (3, ["write", "poem", "short"])


def test_instag_keeps_the_tags_and_an_answer_that_is_none_is_no_score_of_one() -> None:
    tags = [{"tag": "Poetry", "explanation": ""}, {"tag": "poetry ", "explanation": ""}, {"tag": "short form", "explanation": ""}]
    kept, _, _ = run(InstagEvaluator(), [{"instruction": "write a poem"}], always(tags=tags))
    assert (kept[0]["tag_count"], kept[0]["tags"]) == (2, ["poetry", "short form"])
    kept, rejected, _ = run(InstagEvaluator(), [{"instruction": "write a poem"}], lambda request: '{"tag": "not a list"')
    assert (len(kept), len(rejected)) == (0, 1)


def test_any_number_of_dimensions_is_rated_each_in_a_column_of_its_own() -> None:
    dimensions = (Dimension(name="charm", description="is it charming?", examples=(("hello dear", 5),)), Dimension(name="wit", description="witty?"))
    kept, _, serving = run(MetaRaterEvaluator(dimensions=dimensions), [{"text": "hello"}], always(charm=5, wit=2))
    assert (kept[0]["rating_charm"], kept[0]["rating_wit"]) == (5, 2)
    assert 'grade 5: "hello dear"' in str(serving.requests[0].messages[0].content)
    kept, rejected, _ = run(MetaRaterEvaluator(dimensions=dimensions), [{"text": "hello"}], always(charm=6, wit=2))
    assert "charm: Input should be less than or equal to 5" in rejected[0]["rejected_reason"]
    six, _, _ = run(MetaRaterEvaluator(), [{"text": "hello"}])
    assert len([name for name in six[0] if name.startswith("rating_")]) == 6


def test_the_case_and_spaces_of_a_language_code_do_not_matter_and_a_failed_call_is_not_a_rejection() -> None:
    def answer(request: Request) -> Any:
        if "broken" in said(request):
            return Failure("timeout", "no answer in time")
        return json.dumps({"reason": "", "language": "EN " if "hello" in said(request) else "de"})

    kept, rejected, serving = run(LLMLanguageFilter(characters=30), [{"text": "hello " * 50}, {"text": "hallo"}, {"text": "broken"}], answer)
    assert [row["text"][:5] for row in kept] == ["hello"]
    assert {row["text"]: (row["rejected_as"], row["rejected_reason"]) for row in rejected} == {
        "hallo": ("filtered", "language = de, not en"),
        "broken": ("failed", "timeout: no answer in time"),
    }
    assert max(len(said(request)) for request in serving.requests) < 60


# Generators


def test_an_answer_with_braces_is_kept_whole_with_the_columns_of_its_document() -> None:
    code = 'Use \\frac{a}{b}: {"x": {1: 2}}'
    rows = [{"text": "a page", "url": "u"}, {"text": None, "url": "v"}]
    kept, rejected, _ = run(InstructionGenerator(), rows, always(instruction="How do I write it?", difficulty="easy", output=code))
    assert [(row["instruction"], row["output"], row["text"], row["url"]) for row in kept] == [("How do I write it?", code, "a page", "u")]
    assert len(kept[0]["parent_ids"]) == 1
    assert [(row["url"], row["rejected_reason"]) for row in rejected] == [("v", "text is null")]


def test_questions_and_answers_become_a_conversation_and_rows() -> None:
    pairs = [{"question": "What is it?", "answer": "A cat."}, {"question": "Where is it?", "answer": "On the mat."}]
    kept, _, _ = run(QuestionAnswerGenerator(), [{"text": "t"}, {"text": None}, {"text": ""}], always(pairs=pairs))
    assert kept[0]["conversation"] == "Question: What is it?\nAnswer: A cat.\n\nQuestion: Where is it?\nAnswer: On the mat."
    assert kept[0]["question_answers"] == pairs
    assert kept[1]["conversation"] is None
    assert kept[2]["conversation"] is not None
    rows, _, _ = run(InstructionPairsGenerator(carry="none"), [{"text": "t"}], always(pairs=pairs))
    assert [(row["instruction"], row["output"]) for row in rows] == [("What is it?", "A cat."), ("Where is it?", "On the mat.")]


def test_no_more_pairs_come_back_than_were_asked_for() -> None:
    pairs = [{"question": f"question {index}", "answer": "a"} for index in range(3)]
    _, rejected, serving = run(InstructionPairsGenerator(pairs=2), [{"text": "t"}], always(pairs=pairs))
    assert serving.requests[0].json_schema["properties"]["pairs"]["maxItems"] == 2  # type: ignore[index]
    assert "at most 2 items" in rejected[0]["rejected_reason"]


def test_a_rephrased_text_stands_beside_the_original() -> None:
    kept, _, serving = run(RephraseGenerator(style="simple"), [{"text": "long words"}], lambda request: "short")
    assert (kept[0]["text"], kept[0]["rephrased"]) == ("long words", "short")
    assert "for a child" in said(serving.requests[0])


def test_topics_are_drawn_by_seed_and_row_and_not_by_order() -> None:
    rows = [{"text": f"row {index}"} for index in range(20)]
    draws = [
        {row["text"]: row["theme"] for row in run(DomainTopicGenerator(seed=seed), given)[0]}
        for seed, given in ((0, rows), (0, rows[::-1]), (1, rows))
    ]
    assert draws[0] == draws[1] != draws[2]
    leaves = load_domain_tree()
    assert len(leaves) == len(set(leaves)) > 300
    assert set(draws[0].values()) <= {theme for _, _, theme in leaves}


def test_a_tree_of_ones_own_is_a_json_file_and_a_bad_one_says_so(tmp_path: Path) -> None:
    (tmp_path / "tree.json").write_text('{"Cats": {"Wild": ["lions"]}}')
    kept, _, _ = run(DomainTopicGenerator(tree=str(tmp_path / "tree.json")), [{"text": "x"}])
    assert (kept[0]["topic"], kept[0]["domain"], kept[0]["theme"]) == ("Cats", "Wild", "lions")
    (tmp_path / "tree.json").write_text('{"Cats": ["lions"]}')
    load_domain_tree.cache_clear()
    with pytest.raises(StageFailed, match=r"no JSON of topic -> domain -> \[themes\]"):
        run(DomainTopicGenerator(tree=str(tmp_path / "tree.json")), [{"text": "x"}])


def condor(request: Request) -> str:
    if request.json_schema:
        return json.dumps({"easy": "What is\na lion?", "medium": "Where do lions live?", "hard": "What is\na lion?"})
    return f"answer to {said(request)}"


def test_condor_keeps_questions_of_several_lines_their_theme_and_their_difficulty_and_each_question_once() -> None:
    kept, _, _ = run(CondorGenerator(), [{"topic": "Cats", "domain": "Wild", "theme": "lions", "kept": 1}], condor)
    assert [(row["instruction"], row["output"], row["difficulty"], row["theme"], row["kept"]) for row in kept] == [
        ("What is\na lion?", "answer to What is\na lion?", "easy", "lions", 1),
        ("Where do lions live?", "answer to Where do lions live?", "medium", "lions", 1),
    ]


def test_a_failed_answer_of_condor_sets_the_theme_aside() -> None:
    def answer(request: Request) -> Any:
        return condor(request) if request.json_schema else Failure("timeout", "no answer in time")

    kept, rejected, _ = run(CondorGenerator(), [{"topic": "Cats", "domain": "Wild", "theme": "lions"}], answer)
    assert (kept, rejected[0]["rejected_reason"]) == ([], "timeout: no answer in time")


@pytest.mark.parametrize(("preferred", "expected"), [("a better answer", "a better answer"), ("an answer", "an answer")])
def test_a_refined_answer_replaces_the_old_one_only_where_it_is_better(preferred: str, expected: str) -> None:
    def answer(request: Request) -> str:
        if request.json_schema is None:
            return "a better answer"
        asks_for = request.json_schema["properties"]
        place = "first" if f"First answer:\n{preferred}" in said(request) else "second"
        return json.dumps({"reason": "", "better": place} if "better" in asks_for else dict.fromkeys(asks_for, "review"))

    kept, _, serving = run(CondorRefiner(), [{"instruction": "q", "output": "an answer"}], answer)
    assert kept[0]["output"] == expected
    assert len(serving.requests) == 4, "a critique, a new answer, and the comparison in both orders"


def test_an_empty_or_failed_rewriting_never_replaces_an_answer() -> None:
    for answer in ("", Failure("filtered", "refused")):
        kept, rejected, _ = run(
            CondorRefiner(verify=False),
            [{"instruction": "q", "output": "an answer"}],
            lambda request, answer=answer: smallest_answer(request) if request.json_schema else answer,
        )
        assert not kept
        assert rejected[0]["output"] == "an answer"


def test_answers_can_be_bounded_by_the_schema() -> None:
    _, _, serving = run(CondorGenerator(max_characters=50), [{"topic": "t", "domain": "d", "theme": "x"}])
    assert all(part["maxLength"] == 50 for request in serving.requests for part in (request.json_schema or {})["properties"].values())


def test_chat_messages_are_those_that_trainers_read() -> None:
    rows = [{"instruction": "Sum up", "input": "a text", "output": "short"}]
    kept, _, _ = run(ChatMessagesGenerator(system="Be brief."), rows)
    assert kept[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Sum up\n\na text"},
        {"role": "assistant", "content": "short"},
    ]


# Operators that are nothing but a prompt


def test_the_variables_of_a_prompt_are_the_columns_and_can_be_bound() -> None:
    operator = PromptedGenerator(prompt="Tell {{ name }} of {{ thing }}.").bind(input_name="person")
    kept, _, serving = run(operator, [{"person": "Ann {{ thing }} {thing}", "thing": "rain"}, {"person": None, "thing": "sun"}])
    assert said(serving.requests[0]) == "Tell Ann {{ thing }} {thing} of rain.", "what a cell contains is not filled in again"
    assert [row["generated"] for row in kept] == ["an answer", None]
    problems = PromptedGenerator(prompt="{{ nane }}").problems(pa.schema([("name", pa.string())]))
    assert 'column "nane" does not exist' in str(problems[0])


def test_fields_of_an_answer_become_typed_columns() -> None:
    kept, _, _ = run(PromptedGenerator(fields={"title": "str", "years": "list[int]"}), [{"text": "x"}], always(title="T", years=[1999, 2001]))
    assert (kept[0]["title"], kept[0]["years"]) == ("T", [1999, 2001])
    with pytest.raises(ParameterError, match='field "title": there is no type "string"'):
        PromptedGenerator(fields={"title": "string"})


def test_a_score_on_another_scale_is_asked_for_and_enforced() -> None:
    answers = iter([{"reason": "", "score": 11}, {"reason": "", "score": 7}])
    kept, _, serving = run(PromptedEvaluator(lowest=0, highest=10), [{"text": "x"}], lambda request: json.dumps(next(answers)))
    assert kept[0]["score"] == 7
    assert len(serving.requests) == 2
    assert "from 0.0 (worst) to 10.0 (best)" in str(serving.requests[0].messages[0].content)


def test_a_prompted_filter_says_why() -> None:
    kept, rejected, _ = run(PromptedFilter(), [{"text": "x"}], always(reason="an advertisement", keep=False))
    assert (kept, rejected[0]["rejected_reason"]) == ([], "an advertisement")


@pytest.mark.parametrize(("votes", "stays"), [("yyn", True), ("ynn", False), ("yn", False), ("yy!", True), ("n!", False)])
def test_a_prompted_filter_that_asks_several_times_goes_by_the_majority(votes: str, stays: bool) -> None:
    def answer(request: Request) -> Any:
        vote = votes[request.sample]
        return Failure("timeout", "late") if vote == "!" else json.dumps({"reason": f"said {vote}", "keep": vote == "y"})

    kept, rejected, serving = run(PromptedFilter(samples=len(votes), temperature=0.7), [{"text": "x"}], answer)
    assert len(kept) == stays
    assert sorted(request.sample for request in serving.requests) == list(range(len(votes)))
    if not stays:
        assert rejected[0]["rejected_reason"] == f"{votes.count('n')} of {len(votes.replace('!', ''))} votes against it: said n"
    with pytest.raises(ParameterError, match="samples=3 at temperature 0 are the same answer 3 times"):
        PromptedFilter(samples=3)


def test_a_prompted_refiner_rewrites_one_column_and_reads_the_others() -> None:
    operator = PromptedRefiner(prompt="Put {{ text }} into {{ language }}.", rewritten="text")
    kept, _, _ = run(operator, [{"language": "German", "text": "cat"}, {"language": "German", "text": None}], lambda request: "Katze")
    assert [(row["language"], row["text"]) for row in kept] == [("German", "Katze"), ("German", None)]
    _, rejected, _ = run(operator, [{"language": "German", "text": "cat"}], lambda request: " ")
    assert rejected[0]["text"] == "cat"
    kept, _, serving = run(operator, [{"language": "German", "text": " "}], lambda request: "Katze")
    assert (kept[0]["text"], serving.requests) == (" ", []), "nothing is made of nothing"
    with pytest.raises(ParameterError, match='no variable "body" to rewrite'):
        PromptedRefiner(rewritten="body")
