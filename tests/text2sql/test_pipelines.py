"""The pipelines of text-to-SQL, run whole on Chinook: with a scripted model that knows some answers, and without a model."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.pipelines.text2sql_generate import Text2sqlGenerate
from dataflow_assets.pipelines.text2sql_refine import Text2sqlRefine
from operators.asking.requests import Request
from operators.databases.execution import Rows
from operators.testing import ScriptedServing
from operators.text2sql.questions.steps import steps_of
from operators.text2sql.replies import sql_of
from operators.text2sql.sampling.sampler import EVEN, sample_queries
from operators.text2sql.sampling.words import words
from resources import datasets
from resources.databases import DatabaseSettings, open_databases
from resources.databases.serving import Databases
from tests.text2sql.asking import fenced, told

QUERIES = 12
HOLDS = re.compile(r"How many rows of (.+) are there\?")


@pytest.fixture(scope="module")
def chinook() -> Iterator[Databases]:
    try:
        datasets.path("chinook")
    except datasets.DataSetMissing as missing:
        pytest.skip(str(missing))
    with open_databases(DatabaseSettings(path="dataset:chinook", parallel=2)) as databases:
        yield databases


class Model:
    """It rephrases by asking politely, and knows the queries of the questions that it was told; of these it gets every third wrong."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.wrong = set(list(known)[::3])

    def __call__(self, request: Request) -> str:
        text = told(request)
        fields = request.json_schema["properties"] if request.json_schema else {}
        if "difference" in fields:
            return json.dumps({"asked": "a", "given": "b", "difference": "", "corresponds": True})
        if "explanation" in fields:
            table = text.rpartition("FROM ")[2].partition("\n")[0]
            return json.dumps({"explanation": "it counts", "question": f"How many rows of {words(table)} are there?", "evidence": "all count"})
        if "question" in fields:
            return json.dumps({"question": "Please: " + text.rpartition("Question: ")[2].partition("\n")[0]})
        if "Write a SQLite query" in text:
            return fenced(f"SELECT COUNT(*) FROM {text.rpartition('It has to read ')[2].partition('.')[0]}")
        asked = re.search(r"Question: (?:Please: )?(.*)", text)
        assert asked is not None
        counted = HOLDS.fullmatch(asked[1])
        sql = f"SELECT COUNT(*) FROM {counted[1].replace(' ', '_')}" if counted else self.known[asked[1]]
        steps = "The question asks for what stands there; I take the tables that hold it and join them along their keys."
        return fenced("SELECT 'wrong'" if asked[1] in self.wrong else sql, steps)


@pytest.fixture(scope="module")
def known(chinook: Databases) -> dict[str, str]:
    return {one.question: one.sql for one in sample_queries(chinook, "chinook", QUERIES, EVEN)}


def executed(databases: Databases, sql: str) -> Any:
    answer = databases.execute("chinook", sql)
    assert isinstance(answer, Rows), sql
    return answer.rows


def test_what_is_generated_is_proven_and_told_as_messages(chinook: Databases, known: dict[str, str]) -> None:
    model = Model(known)
    pipeline = Text2sqlGenerate(queries=QUERIES, written=2, candidates=1, reasonings=2, tries=2)
    result = pipeline.run([{"db_id": "chinook"}], resources={"llm": ScriptedServing(model), "database": chinook})
    rows = result.table.to_pylist()
    right = [question for question in known if question not in model.wrong]
    assert sorted(row["template_question"] for row in rows if row["template_question"]) == sorted(right)
    written = {row["sql"]: row["question"] for row in rows if not row["template_question"]}
    assert written == {f"SELECT COUNT(*) FROM {name}": f"How many rows of {name} are there?" for name in ("employee", "customer")}
    for row in rows:
        assert (row["back_translation"], row["execution_hardness"], row["vote_outcome"]) == (1, "easy", "majority")
        assert row["sql_hardness"]
        assert row["sql_tables"]
        user, assistant = row["messages"]
        assert row["question"] in user["content"]
        assert "CREATE TABLE artist" in user["content"]
        assert executed(chinook, str(sql_of(assistant["content"]))) == executed(chinook, row["sql"])
    assert {row["question_wording"] for row in rows if row["template_question"]} == {"rephrased"}
    assert Counter(row["stage"] for row in result.rejected.to_pylist()) == {"leads_back": len(model.wrong)}


def test_without_a_model_the_pairs_of_the_sampler_are_told_as_messages(chinook: Databases) -> None:
    pipeline = Text2sqlGenerate(queries=QUERIES, rephrase=False, check="none", reasonings=0)
    rows = pipeline.run([{"db_id": "chinook"}], resources={"database": chinook}).table.to_pylist()
    assert len(rows) == QUERIES
    for row in rows:
        steps, fence, query = row["messages"][1]["content"].partition("```sql\n")
        assert steps == "\n".join(steps_of(row["sql"])) + "\n"
        assert (fence, query) == ("```sql\n", f"{row['sql']}\n```")
    assert {row["question"] for row in rows} == {one.question for one in sample_queries(chinook, "chinook", QUERIES, EVEN)}


def test_pairs_are_refined_cheapest_proof_first(chinook: Databases, known: dict[str, str]) -> None:
    model = Model(known)
    pairs = [{"db_id": "chinook", "question": question, "sql": sql} for question, sql in known.items()]
    bad = [
        {"question": " ", "sql": "SELECT 1"},
        {"question": "What is wrong?", "sql": "SELECT nme FROM artist"},
        {"question": "Which artists are unknown?", "sql": "SELECT name FROM artist WHERE name IS NULL AND artist_id < 0"},
        {"question": pairs[1]["question"], "sql": f"{pairs[1]['sql']} -- again"},
    ]
    serving = ScriptedServing(model)
    pipeline = Text2sqlRefine(check="both", reasonings=2)
    result = pipeline.run([*pairs, *({"db_id": "chinook", **row} for row in bad)], resources={"llm": serving, "database": chinook})
    rows = result.table.to_pylist()
    assert sorted(row["question"] for row in rows) == sorted(question for question in known if question not in model.wrong)
    stages = Counter(row["stage"] for row in result.rejected.to_pylist())
    assert stages == {"asked": 1, "runs": 1, "says_something": 1, "once": 1, "leads_back": len(model.wrong)}
    assert len(serving.requests) == 2 * len(pairs) + 2 * len(rows)


def test_of_the_pairs_to_try_it_with_the_good_ones_pass_what_needs_no_model(chinook: Databases) -> None:
    import dataflow_assets.defs.text2sql_refine as deployed

    pairs = json.loads((Path(deployed.__path__[0]) / "pairs.json").read_text("utf-8"))
    result = Text2sqlRefine(check="none", reasonings=0).run(pairs, resources={"database": chinook})
    kept = Counter(row["kind"] for row in result.table.to_pylist())
    assert kept["good"] == sum(pair["kind"] == "good" for pair in pairs)
    assert {row["kind"]: row["stage"] for row in result.rejected.to_pylist()} == {
        "the same again": "once",
        "a table that is not there": "runs",
        "an empty answer": "says_something",
        "no question": "asked",
        "more than reading": "runs",
    }


@pytest.mark.parametrize(
    "pipeline",
    [
        Text2sqlGenerate(written=3, check="both", tries=2),
        Text2sqlGenerate(check="correspondence", show_gold=True, reasonings=1),
        Text2sqlGenerate(rephrase=False, check="none", reasonings=0),
        Text2sqlRefine(check="both", tries=5, trivial=True),
        Text2sqlRefine(check="none", reasonings=0, steps=False),
    ],
    ids=lambda pipeline: type(pipeline).__name__,
)
def test_every_choice_compiles_without_a_warning(pipeline: Any) -> None:
    assert list(pipeline.compile().warnings) == []
