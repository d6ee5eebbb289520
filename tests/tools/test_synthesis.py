"""Scenarios, tasks, functions and their implementation, by a model that is scripted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators import MemoryStorage
from operators.asking.answers import Failure
from operators.sandboxes import Limits
from operators.testing.scripted_serving import ScriptedServing
from operators.tools import examples
from operators.tools.calls import Call
from operators.tools.definitions import read_tools
from operators.tools.details import NEXT, details_of, next_of
from operators.tools.execution import program_of, results_of
from operators.tools.functions import FunctionDefinitionsGenerator, tool_of, values_given
from operators.tools.implementations import ToolImplementationGenerator, module_fault, module_of, stub_of
from operators.tools.prompts import FunctionDrafts
from operators.tools.scenarios import ScenarioFromConversationGenerator, SimilarScenarioGenerator
from operators.tools.tasks import AtomicTaskGenerator, ComposedTaskFilter, ComposedTaskGenerator
from tests.faults import fault
from tests.text.faults.asking import BAD_ANSWERS, always, ask, in_turn, user_text
from tests.tools.railway import MODULE, SUB_TASKS, TOOLS

TASK = "Find a train from Bern to Basel that leaves after 9:30 on Friday."
FOLLOW_UP = "Book 2 seats in the train that was found, in the name of 'Ann Meier'."
WHOLE = "Find a train from Bern to Basel that leaves after 9:30 on Friday, and book 2 seats in the train that was found for 'Ann Meier'."
SEQUENTIAL = {"follow_up": FOLLOW_UP, "task": WHOLE}


def dumped(**answer: Any) -> str:
    return json.dumps(answer)


@fault("LLM failures (None) are stored or crash; no retry of bad rows")
@pytest.mark.parametrize(
    ("operator", "row"),
    [
        (ScenarioFromConversationGenerator(), {"messages": "User: A train to Basel?\n\nAssistant: At nine."}),
        (SimilarScenarioGenerator(), {"scenario": "a traveller wants a train"}),
        (AtomicTaskGenerator(), {"scenario": "a traveller wants a train"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_row_without_an_answer_is_set_aside_with_the_reason_and_bad_answers_are_asked_for_again(operator: Any, row: Any) -> None:
    rows = [row, {name: value + " today" for name, value in row.items()}]
    kept, aside, _ = ask(operator, rows, lambda request: Failure("server", "nothing came"))
    assert not kept
    assert [one["rejected_reason"] for one in aside] == ["server: nothing came"] * 2
    good = dumped(task=TASK) if isinstance(operator, AtomicTaskGenerator) else dumped(scenario="a cook scales a recipe for guests")
    for bad in BAD_ANSWERS.values():
        kept, aside, serving = ask(operator, [row], in_turn(bad, good))
        assert kept
        assert not aside
        assert len(serving.requests) == 2


def test_a_scenario_is_named_from_conversations_of_any_shape() -> None:
    shapes = [[{"role": "user", "content": "A train?"}, {"role": "assistant", "content": "At nine."}]]
    kept, _, serving = ask(ScenarioFromConversationGenerator(), [{"messages": json.dumps(shapes[0])}], always(scenario="a traveller wants a train"))
    assert kept[0]["scenario"] == "a traveller wants a train"
    assert "User: A train?" in user_text(serving.requests[0])
    _, aside, _ = ask(ScenarioFromConversationGenerator(max_reasks=0), [{"messages": "hello"}], always(scenario="a [name] wants a train"))
    assert '"[name]" is left blank' in aside[0]["rejected_reason"]
    for wrong, said in (("a train is wanted (5 to 6 words)", "(5 to 6 words)"), ("a train is wanted, at most 14 words", "at most 14 words")):
        _, aside, _ = ask(ScenarioFromConversationGenerator(max_reasks=0), [{"messages": "hello"}], always(scenario=wrong))
        assert f'"{said}" is no part of a situation' in aside[0]["rejected_reason"]


@fault("shipped pipeline computes it and never uses it; no similarity check")
def test_a_new_scenario_takes_the_place_of_the_old_one_and_is_unlike_it() -> None:
    first = "a traveller wants to find a train and reserve a seat"
    like, other = dumped(scenario="a traveller wants to find a bus and reserve a seat"), dumped(scenario="a farmer records the milk of each cow")
    kept, _, serving = ask(SimilarScenarioGenerator(), [{"scenario": first, "note": "kept"}], in_turn(like, other))
    assert [row["scenario"] for row in kept] == [first, "a farmer records the milk of each cow"]
    assert "too much like" in str(serving.requests[1].messages[-1].content)
    assert {row["note"] for row in kept} == {"kept"}
    alone, _, _ = ask(SimilarScenarioGenerator(keep_first=False), [{"scenario": first}], in_turn(other))
    assert [row["scenario"] for row in alone] == ["a farmer records the milk of each cow"]
    assert alone[0]["parent_ids"]
    from dataflow_assets.pipelines.tool_calls import ToolCalls

    plan = ToolCalls().compile()
    assert any("vary" in stage.inputs for stage in plan.stages if stage.name == "task")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("Book a seat for [name] on the next train.", "blank"),
        ("go " * 61, "61 words"),
        ("The second request, of the person to the assistant: 3 seats to Bern", "speaks of a request"),
        ("Please call find_train() for me.", "function"),
        ("What kind of train are you looking for, on 3 May?", "what an assistant says"),
        ("Please let me know if you need a seat on 3 May.", "what an assistant says"),
        ("Sure, I book 2 seats in the train to Basel.", "what an assistant says"),
        ("Find me a train to somewhere.", "no detail"),
    ],
)
def test_a_task_is_concrete_short_and_in_a_persons_words(task: str, said: str) -> None:
    _, aside, _ = ask(AtomicTaskGenerator(max_reasks=0), [{"scenario": "a traveller"}], always(task=task))
    assert said in aside[0]["rejected_reason"]


@pytest.mark.parametrize(
    "task",
    [
        "Who should I call about the heater in flat 24?",
        "Do you have any other trains to Basel after 9:30?",
        "Let me know when you have booked the room Lilac.",
        "Tell Ann Meier that you are calling for me at 9:30.",
        "I can help on 3 May: put me on the list, please.",
    ],
)
def test_what_a_person_may_well_ask_for_is_a_task(task: str) -> None:
    kept, _, _ = ask(AtomicTaskGenerator(max_reasks=0), [{"scenario": "a traveller"}], always(task=task))
    assert [row["atomic_task"] for row in kept] == [task]


@fault("regex without multi-line flag: composition must be the single last line, wrapped text gives None")
@fault("same regex weakness")
def test_parts_and_whole_are_fields_of_one_answer_however_their_text_is_wrapped() -> None:
    wrapped = {"follow_up": FOLLOW_UP.replace(", in", ",\n\nin"), "task": WHOLE.replace(", and", ",\nand") + "\n"}
    kept, _, _ = ask(ComposedTaskGenerator(), [{"atomic_task": TASK}], always(**wrapped))
    assert kept[0]["task"] == wrapped["task"].strip()
    assert kept[0]["sub_tasks"] == [TASK, wrapped["follow_up"]]
    parallel = {
        "parallel": "Tell me the weather in Basel on Friday, please.",
        "follow_up": FOLLOW_UP,
        "task": f"{WHOLE} Tell me the weather in Basel.",
    }
    kept, _, _ = ask(ComposedTaskGenerator(form="parallel_then_sequential"), [{"atomic_task": TASK}], always(**parallel))
    assert kept[0]["sub_tasks"] == [TASK, parallel["parallel"], FOLLOW_UP]
    joined, _, serving = ask(ComposedTaskGenerator(whole="joined"), [{"atomic_task": TASK}], always(follow_up=FOLLOW_UP))
    assert joined[0]["task"] == f"{TASK} {FOLLOW_UP}"
    assert "as one" not in str(serving.requests[0].messages[0].content)


@fault("None rows continue into the next prompts")
@fault("typo: on a missing parallel heading the result LIST is set to None, the next append crashes (or the previous row's task is reused)")
@pytest.mark.parametrize("form", ["sequential", "parallel_then_sequential"])
def test_a_row_that_lacks_a_part_goes_no_further_and_no_other_row_is_touched(form: Any) -> None:
    whole = {"parallel": "Tell me the weather in Basel on Friday, please.", **SEQUENTIAL} if form != "sequential" else SEQUENTIAL
    whole["task"] += " Tell me the weather in Basel."

    def answer(request: Any) -> str:
        return json.dumps(whole if "Bern" in str(request.messages[-1].content) else {"task": whole["task"]})

    rows = [{"atomic_task": TASK}, {"atomic_task": "Find the price of a box of ripe apples."}, {"atomic_task": TASK + " Thanks."}]
    kept, aside, _ = ask(ComposedTaskGenerator(form=form), rows, answer)
    assert [row["sub_tasks"][0] for row in kept] == [TASK, TASK + " Thanks."]
    assert [row["atomic_task"] for row in aside] == [rows[1]["atomic_task"]]
    assert "follow_up" in aside[0]["rejected_reason"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({**SEQUENTIAL, "task": WHOLE.replace("2 seats", "seats")}, '"2" of part 2'),
        ({**SEQUENTIAL, "task": WHOLE.replace("'Ann Meier'", "her")}, '"Ann Meier" of part 2'),
        ({"follow_up": TASK + " Now.", "task": WHOLE}, "asks for the same again"),
    ],
)
def test_a_whole_keeps_each_detail_of_its_parts(answer: Any, said: str) -> None:
    _, aside, _ = ask(ComposedTaskGenerator(max_reasks=0), [{"atomic_task": TASK}], always(**answer))
    assert said in aside[0]["rejected_reason"]


@fault("failed calls (None) crash on strip")
@fault("writes the storage twice")
def test_a_composition_is_looked_at_first_and_a_failed_judgement_is_no_no() -> None:
    good = {"task": WHOLE, "sub_tasks": [TASK, FOLLOW_UP]}
    kept, aside, serving = ask(ComposedTaskFilter(), [good, {**good, "sub_tasks": [TASK]}, {**good, "task": TASK}], always(reason="whole", keep=True))
    assert [row["task"] for row in kept] == [WHOLE]
    assert len(serving.requests) == 1
    assert [row["rejected_as"] for row in aside] == ["filtered"] * 2
    _, aside, _ = ask(ComposedTaskFilter(), [good], always(reason="The booking is missing.", keep=False))
    assert aside[0]["rejected_reason"] == "The booking is missing."
    for bad in (*BAD_ANSWERS.values(), Failure("server", "nothing came")):
        kept, aside, _ = ask(ComposedTaskFilter(), [good], in_turn(bad))
        assert not kept
        assert aside[0]["rejected_as"] == "failed"


DRAFT = {"name": "find_train", "description": "Find trains between two towns.",
         "parameters": [{"name": "start", "type": "string", "description": "the town where it starts", "value": "Bern", "required": True},
                        {"name": "after", "type": "string", "description": "the earliest hour", "value": "", "required": False}]}  # fmt: skip


@fault("text is never parsed or validated")
def test_definitions_are_valid_json_schema_in_openais_shape_or_asked_for_again() -> None:
    row = {"task": WHOLE, "sub_tasks": [TASK]}
    kept, _, serving = ask(
        FunctionDefinitionsGenerator(), [row], in_turn(dumped(functions=[{**DRAFT, "name": "find train"}]), dumped(functions=[DRAFT]))
    )
    assert '"find train" is no name' in str(serving.requests[1].messages[-1].content)
    (tool,) = read_tools(kept[0]["tools"])
    assert tool.signature() == "find_train(start, after=None)"
    assert tool.parameters["properties"]["after"] == {"type": "string", "description": "the earliest hour"}
    for change, said in (({"name": "find train"}, "is no name"), ({"name": "class"}, "is no name"), ({"description": " " * 8}, "no description")):
        _, aside, _ = ask(FunctionDefinitionsGenerator(max_reasks=0), [row], always(functions=[{**DRAFT, **change}]))
        assert said in aside[0]["rejected_reason"]


def parameter(name: str, type_: str, value: str, required: bool = True) -> dict[str, Any]:
    return {"name": name, "type": type_, "description": "what it is", "value": value, "required": required}


def test_what_the_task_says_is_required_and_an_example_and_what_nobody_says_may_be_left_out() -> None:
    started = [parameter("start", "string", "Bern"), parameter("hour", "number", "after 9"), parameter("class_", "string", "first")]
    booked = [parameter("train", "string", ""), parameter("seats", "integer", "2 seats"), parameter("name", "string", "John Doe", required=False)]
    first, second = {**DRAFT, "parameters": started}, {**DRAFT, "name": "book_seat", "parameters": booked}
    row = {"task": "Find a train from Bern after 9 and book 2 seats in it.", "sub_tasks": ["Find a train from Bern after 9.", "Book 2 seats in it."]}
    kept, _, _ = ask(FunctionDefinitionsGenerator(), [row], in_turn(dumped(functions=[first]), dumped(functions=[second])))
    signatures = [tool.signature() for tool in read_tools(kept[0]["tools"])]
    assert signatures == ["find_train(start, hour, class_=None)", "book_seat(train, seats, name=None)"]
    examples = json.loads(kept[0]["example_calls"]) if isinstance(kept[0]["example_calls"], str) else kept[0]["example_calls"]
    assert examples == [{"name": "find_train", "arguments": {"start": "Bern", "hour": 9.0}}, {"name": "book_seat", "arguments": {"seats": 2}}]


def implemented(answers: Any, sandbox: Any, examples: Any = None, **parameters: Any) -> tuple[Any, Any, ScriptedServing]:
    kept, aside, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(in_turn(*answers))
    row = {"tools": json.dumps(TOOLS), "sub_tasks": SUB_TASKS, "example_calls": json.dumps(examples)}
    operator = ToolImplementationGenerator(max_failed=1, **parameters)
    operator.run([row], into=kept, rejected=aside, resources={"llm": serving, "sandbox": sandbox}, progress=False)
    return kept.read().to_pylist(), aside.read().to_pylist(), serving


def test_a_module_is_run_before_it_is_believed_and_written_again_with_its_error(sandbox: Any) -> None:
    wrong = MODULE.replace("FROM trains WHERE start", "FROM train WHERE start")
    lacking = MODULE.replace("def book_seat(train, seats=1)", "def book_seat(train)")
    fenced = f"Here it is:\n```python\n{MODULE}\n```\nIt needs nothing else."
    kept, _, serving = implemented([lacking, wrong, fenced], sandbox)
    assert kept[0]["implementation"] == MODULE.strip()
    asked = [str(request.messages[-1].content) for request in serving.requests]
    assert 'book_seat lacks the parameter "seats"' in asked[1]
    assert "find_train(start='sample', end='sample') raises OperationalError: no such table: train in the line: rows = db.execute(" in asked[2]
    _, aside, _ = implemented([MODULE + "\nimport nothing_of_that_name"], sandbox, rewrites=0)
    assert "nothing_of_that_name" in aside[0]["rejected_reason"]


def test_calls_that_the_task_gives_have_to_find_something_in_the_sample_data(sandbox: Any) -> None:
    given = [{"name": "find_train", "arguments": {"start": "Ulm", "end": "Basel"}}, {"name": "book_seat", "arguments": {"seats": 2}}]
    other = MODULE.replace('"Bern", "Basel", 40', '"Ulm", "Basel", 40')
    nothing = MODULE.replace('return {"trains"', 'return rows and {"trains"')
    kept, _, serving = implemented([nothing, other], sandbox, given)
    assert kept[0]["implementation"] == other.strip()
    assert "find_train(start='Ulm', end='Basel')\n" in str(serving.requests[0].messages[-1].content)
    assert "find_train(start='Ulm', end='Basel') returns []: the sample data has to have" in str(serving.requests[1].messages[-1].content)
    booked = [{"name": "book_seat", "arguments": {"train": "IC 9", "seats": 2}}]
    _, aside, _ = implemented([MODULE], sandbox, booked, rewrites=0)
    assert "raises ValueError: there is no train IC 9: the sample data" in aside[0]["rejected_reason"]


def test_the_module_that_models_are_shown_does_what_its_functions_say(sandbox: Any) -> None:
    drafts = [FunctionDrafts.model_validate(answer).functions[0] for _, answer in examples.FUNCTIONS]
    given = [values_given(draft, variables["part"]) for draft, (variables, _) in zip(drafts, examples.FUNCTIONS, strict=True)]
    (_, answer), tools = examples.MODULES[0], [tool_of(draft, values, results=True) for draft, values in zip(drafts, given, strict=True)]
    assert module_fault(module_of(answer), tools) is None
    calls = [Call(drafts[0].name, given[0]), Call(drafts[1].name, {"offer": 6, **given[1]}), Call(drafts[1].name, {"offer": 7, "price": 1.0})]
    (verdict,) = sandbox.run([program_of(module_of(answer), calls, Limits())])
    offered, changed, unknown = results_of(verdict, calls)
    assert offered.value == {"offer": 6, "country": "Malta", "price": 45.0}
    assert changed.value == {"offer": 6, "country": "Malta", "year": 1926, "price": 52.0}
    assert unknown.error == "there is no offer 7"


def test_a_module_has_each_function_with_its_parameters() -> None:
    tools = read_tools(TOOLS)
    assert module_fault(MODULE, tools) is None
    assert module_fault("def find_train(start, end): pass", tools) == "it does not define book_seat"
    assert "needs" in (module_fault(MODULE.replace("start, end)", "start, end, hour)"), tools) or "")
    assert "not valid Python" in (module_fault("def f(:", tools) or "")
    assert stub_of(tools[1]).startswith("def book_seat(train: str, seats: int = None) -> dict:")


def test_functions_are_defined_part_by_part_with_those_that_are_there() -> None:
    row = {"task": WHOLE, "sub_tasks": [TASK, FOLLOW_UP, "And tell me the price."]}
    book = {**DRAFT, "name": "book_seat"}
    answers = [dumped(functions=[DRAFT, DRAFT]), dumped(functions=[DRAFT, book]), dumped(functions=[book])]
    kept, _, serving = ask(FunctionDefinitionsGenerator(), [row], in_turn(*answers))
    assert [tool.name for tool in read_tools(kept[0]["tools"])] == ["find_train", "book_seat"]
    assert "find_train(start, after=None)" in str(serving.requests[1].messages[-1].content)
    assert len(serving.requests) == 3
    _, aside, _ = ask(FunctionDefinitionsGenerator(max_reasks=0), [row], always(functions=[]))
    assert "functions: List should have at least 1 item" in aside[0]["rejected_reason"]


def test_examples_of_use_are_left_out_and_a_database_that_the_module_opens_is_the_one(sandbox: Any) -> None:
    own = "import sqlite3\ndb = sqlite3.connect(':memory:')\n" + MODULE
    kept, aside, _ = implemented([f"{own}\nprint(book_seat('IC 71', 2))\nbook_seat('IC 71')\n"], sandbox)
    assert not aside
    module = kept[0]["implementation"]
    assert module == own.strip()
    calls = [
        Call("book_seat", {"train": "IC 71", "seats": 2}),
        Call("book_seat", {"train": "IC 9"}),
        Call("find_train", {"start": "Bern", "end": "Basel"}),
    ]
    (verdict,) = sandbox.run([program_of(module, calls, Limits())])
    booked, unknown, found = results_of(verdict, calls)
    assert (booked.value["free"], unknown.text, found.value["trains"]) == (38, '{"error":"there is no train IC 9"}', [{"name": "IC 71", "free": 38}])


def test_details_and_what_comes_next_are_those_of_the_seed_and_the_row() -> None:
    drawn = {seed: [(details_of(seed, f"scenario {row}"), next_of(seed, f"task {row}")) for row in range(40)] for seed in (0, 1)}
    assert drawn[0] == [(details_of(0, f"scenario {row}"), next_of(0, f"task {row}")) for row in range(40)]
    assert drawn[0] != drawn[1]
    assert all(len(set(details)) == 3 for details, _ in drawn[0])
    assert {wanted for _, wanted in drawn[0] + drawn[1]} == set(NEXT)
    asked = [ask(AtomicTaskGenerator(seed=seed), [{"scenario": "scenario 3"}], always(task=TASK))[2].requests[0] for seed in (0, 1)]
    assert ", ".join(details_of(0, "scenario 3")) in str(asked[0].messages[-1].content)
    assert asked[0].messages != asked[1].messages
