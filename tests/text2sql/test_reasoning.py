"""Prompts, reasoning, and votes by what queries give; whether a question leads back to its query, and how hard it is."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.databases.schema import Schema
from operators.databases.schema_text import tokens
from operators.generic.selection.vote import MajorityVoteFilter
from operators.testing import ScriptedDatabase
from operators.text2sql.raters.back_translation import BackTranslationEvaluator
from operators.text2sql.raters.correspondence import CorrespondenceEvaluator, CorrespondenceFilter
from operators.text2sql.raters.execution_hardness import SQLExecutionClassifier
from operators.text2sql.reasoning.prompt_text import Text2SQLPromptGenerator
from operators.text2sql.reasoning.voting import SQLVoteEvaluator
from operators.text2sql.reasoning.writing import Text2SQLReasoningGenerator
from tests.faults import fault
from tests.text2sql.asking import always, ask, by_sample, fenced, in_turn, told

LONDON = "SELECT COUNT(*) FROM customer WHERE city = 'London'"
PAIR = {"sql": LONDON, "question": "How many customers live in London?", "evidence": None}
STEPS = "The question asks for a number of customers. They are in the table customer, with their city."


class Instances(ScriptedDatabase):
    """The shop with one instance of its test suite, in which another customer lives in New York, and none in London."""

    def __init__(self) -> None:
        super().__init__()
        other = [statement.replace("'London'", "'New York'") for statement in self._statements]
        self._other = ScriptedDatabase("shop", other)

    def instances(self, database: str) -> list[str]:
        return ["shop#0001"]

    def execute(self, database: str, sql: str) -> Any:
        return self._other.execute("shop", sql) if database == "shop#0001" else super().execute(database, sql)


# Prompts


@fault("unknown database raises and aborts the run")
def test_a_prompt_says_tables_evidence_engine_and_form_and_an_unknown_database_fails_alone() -> None:
    rows = [{**PAIR, "evidence": "London is a city"}, {**PAIR, "db_id": "nowhere"}, PAIR]
    kept, aside, _, _ = ask(Text2SQLPromptGenerator(), rows)
    prompt = kept[0]["text2sql_prompt"]
    assert prompt.index("CREATE TABLE customer") < prompt.index("London is a city") < prompt.index(PAIR["question"]) < prompt.index("SQLite query")
    assert kept[0]["text2sql_answer"] == f"```sql\n{LONDON}\n```"
    assert "What one has to know" not in kept[1]["text2sql_prompt"]
    assert 'no database is named "nowhere"' in aside[0]["rejected_reason"]
    m_schema, _, _, _ = ask(Text2SQLPromptGenerator(schema_form="m-schema"), [{"question": "x?"}])
    assert "【DB_ID】 shop" in m_schema[0]["text2sql_prompt"]
    assert m_schema[0]["text2sql_answer"] is None
    own, _, _, _ = ask(Text2SQLPromptGenerator(template="{{ engine }}: {{ question }}"), [PAIR])
    assert own[0]["text2sql_prompt"] == f"SQLite: {PAIR['question']}"
    with pytest.raises(ValueError, match='there is no variable "qestion"'):
        Text2SQLPromptGenerator(template="{{ qestion }}")


@fault("schema of wide databases not pruned")
def test_a_wide_schema_is_cut_to_what_matters_and_never_below_what_the_query_reads() -> None:
    wide = [f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, {', '.join(f'c{number}_{place} TEXT' for place in range(20))})" for number in range(30)]
    database = ScriptedDatabase("shop", wide)
    row = {"question": "What are the things?", "sql": "SELECT c7_3, c7_4 FROM t7"}
    kept, aside, _, _ = ask(Text2SQLPromptGenerator(max_schema_tokens=300), [row], database=database)
    assert {"c7_3", "c7_4"} <= set(kept[0]["text2sql_prompt"].replace(",", " ").split())
    assert tokens(kept[0]["text2sql_prompt"]) < 400
    columns, tables = ([f"t{number}{end}" for number in range(30)] for end in (".id", ""))
    many = {**row, "sql": f"SELECT {', '.join(columns)} FROM {', '.join(tables)}"}
    kept, aside, _, _ = ask(Text2SQLPromptGenerator(max_schema_tokens=100), [many], database=database)
    assert kept == []
    assert "which the query reads: raise max_schema_tokens" in aside[0]["rejected_reason"]


@fault("example values copy live data into prompts (privacy); only emails and urls are skipped")
def test_values_of_persons_are_not_shown_nor_any_where_none_are_wanted() -> None:
    statements = (
        "CREATE TABLE person (id INTEGER PRIMARY KEY, city TEXT, contact TEXT, reachable TEXT, home_address TEXT, birth_date TEXT)",
        "INSERT INTO person VALUES (1, 'Rome', 'ada@example.org', '+44 20 7946 0958', '12 Some Road', '1815-12-10')",
    )
    database = ScriptedDatabase("shop", statements)
    secret = ("ada@example.org", "7946", "Some Road", "1815")
    shown = ask(Text2SQLPromptGenerator(), [PAIR | {"sql": None}], database=database)[0][0]["text2sql_prompt"]
    assert "'Rome'" in shown
    assert not [value for value in secret if value in shown]
    every = ask(Text2SQLPromptGenerator(hide=()), [PAIR | {"sql": None}], database=database)[0][0]["text2sql_prompt"]
    assert [value for value in secret if value in every] == list(secret)
    hidden = ask(Text2SQLPromptGenerator(hide=("person.*",)), [PAIR | {"sql": None}], database=database)[0][0]["text2sql_prompt"]
    none = ask(Text2SQLPromptGenerator(examples=0), [PAIR | {"sql": None}], database=database)[0][0]["text2sql_prompt"]
    assert "Rome" not in hidden
    assert "Rome" not in none


# Reasoning


@fault("declared output column does not match the real one, so Pipeline.compile accepts wrong keys and rejects the right one")
@fault("identical prompts at temperature 0 give identical samples")
def test_several_reasonings_are_drawn_into_the_declared_column() -> None:
    operator = Text2SQLReasoningGenerator(samples=3)
    assert list(operator.output_columns().values()) == ["sampled_reasonings"]
    answers = [fenced(f"SELECT COUNT(*) FROM customer WHERE id > {number}", STEPS) for number in range(3)]
    kept, _, serving, _ = ask(operator, [PAIR], by_sample(*answers))
    assert kept[0]["sampled_reasonings"] == answers
    assert [request.sample for request in serving.requests] == [0, 1, 2]
    with pytest.raises(ValueError, match="at temperature 0 are the same answer 3 times"):
        Text2SQLReasoningGenerator(samples=3, temperature=0)


@fault("prompt says SQLite whatever the engine")
def test_the_prompt_names_the_engine_of_the_database() -> None:
    class Postgres(ScriptedDatabase):
        def schema(self, database: str) -> Schema:
            return Schema("shop", "postgres", super().schema(database).tables)

    _, _, serving, _ = ask(Text2SQLReasoningGenerator(samples=1, temperature=0), [PAIR], in_turn(fenced(LONDON, STEPS)), database=Postgres())
    assert "PostgreSQL" in told(serving.requests[0])
    assert "SQLite" not in told(serving.requests[0])
    prompt = ask(Text2SQLPromptGenerator(), [PAIR], database=Postgres())[0][0]["text2sql_prompt"]
    assert "one PostgreSQL query" in prompt


@fault("gold SQL leaks into the reasoning hint")
def test_the_right_query_is_not_shown_and_where_it_is_no_reasoning_may_speak_of_it() -> None:
    operator = Text2SQLReasoningGenerator(samples=1, temperature=0)
    _, _, serving, _ = ask(operator, [PAIR], in_turn(fenced(LONDON, STEPS)))
    assert LONDON not in told(serving.requests[0])
    betrayed = fenced(LONDON, "The given query counts the customers, so it is enough to write it down again.")
    kept, _, serving, _ = ask(operator.changed(show_gold=True), [PAIR], in_turn(betrayed, fenced(LONDON, STEPS)))
    assert LONDON in told(serving.requests[0])
    assert "speaks of a query that was given" in str(serving.requests[1].messages[-1].content)
    assert "given query" not in kept[0]["sampled_reasonings"][0]


def test_reasoning_without_steps_or_without_a_whole_query_is_asked_for_again() -> None:
    invented = fenced(LONDON, f"{STEPS} Only those of 2014 count.")
    first = "First I look at the tables, then I SELECT ... FROM them."
    answers = in_turn(first, fenced(LONDON), LONDON, f"{STEPS}\n{LONDON}", invented, fenced(LONDON, STEPS))
    kept, _, serving, _ = ask(Text2SQLReasoningGenerator(samples=1, temperature=0, max_reasks=5), [PAIR], answers)
    assert kept[0]["sampled_reasonings"] == [fenced(LONDON, STEPS)]
    complaints = [str(request.messages[-1].content) for request in serving.requests[1:]]
    for complaint, said in zip(complaints, ("whole query", "no steps", "no steps", "does not stand in a ```sql block", "2014"), strict=True):
        assert said in complaint


def test_steps_that_speak_of_what_the_query_has_not_are_asked_for_again() -> None:
    grouped = fenced(LONDON, f"{STEPS} A GROUP BY clause puts the rows of each city together.")
    joined = fenced(LONDON, f"{STEPS} They are joined with the `purchase` table.")
    answers = in_turn(grouped, joined, fenced(LONDON, STEPS))
    kept, _, serving, _ = ask(Text2SQLReasoningGenerator(samples=1, temperature=0, max_reasks=5), [PAIR], answers)
    assert kept[0]["sampled_reasonings"] == [fenced(LONDON, STEPS)]
    complaints = [str(request.messages[-1].content) for request in serving.requests[1:]]
    for complaint, said in zip(complaints, ("speak of GROUP BY", "speak of purchase"), strict=True):
        assert said in complaint


# Votes


def voted(*queries: str | None, gold: str | None = None, database: Any = None, **parameters: Any) -> dict[str, Any]:
    reasonings = [None if sql is None else fenced(sql, f"{STEPS} {number}") for number, sql in enumerate(queries)]
    table = pa.table(
        {
            "db_id": ["shop"],
            "sampled_reasonings": pa.array([reasonings], pa.list_(pa.string())),
            "sql": pa.array([gold], pa.string()),
        }
    )
    result = SQLVoteEvaluator(max_failed=1.0, **parameters).run(table, resources={"database": database or ScriptedDatabase()})
    rows = result.table.to_pylist()
    return rows[0] if rows else {"failed": result.rejected.to_pylist()[0]["rejected_reason"]}


@fault("the winning SQL itself is not stored")
@fault("row multiplicity and order ignored; unseeded random")
def test_queries_that_give_the_same_vote_together_and_the_first_of_them_is_taken() -> None:
    vote = voted(LONDON, "SELECT 4", "SELECT COUNT(id) FROM customer WHERE city = 'London' AND id < 99")
    assert (vote["vote_outcome"], vote["voted_sql"], round(vote["vote_share"], 2)) == ("majority", LONDON, 0.67)
    assert vote["reasoning"] == fenced(LONDON, f"{STEPS} 0")
    assert vote["votes"] == f"{LONDON}: 2; SELECT 4: 1"
    assert voted("SELECT city FROM customer", "SELECT DISTINCT city FROM customer")["vote_outcome"] == "tie"
    down, up = "SELECT name FROM customer ORDER BY id DESC", "SELECT name FROM customer ORDER BY id"
    assert voted(down, up)["vote_outcome"] == "tie"
    assert voted(up, "SELECT name FROM customer")["vote_outcome"] == "majority"


@fault("[verified] two unrelated queries with empty results share the signature None and outvote a real answer")
@fault("unverified first response kept without a flag")
@fault('regex fallback yields a truncated fragment ("SELECT ... FROM")')
def test_what_does_not_run_is_no_vote_and_empty_answers_agree_only_where_the_queries_do() -> None:
    empty, other = "SELECT name FROM customer WHERE id > 99", "SELECT total FROM purchase WHERE total < 0"
    assert voted(empty, other, LONDON)["vote_outcome"] == "tie"
    assert voted(empty, other, LONDON)["reasoning"] is None
    assert voted(empty, empty.lower(), LONDON)["vote_outcome"] == "majority"
    nothing = voted("SELECT nme FROM customer", None)
    assert (nothing["vote_outcome"], nothing["reasoning"], nothing["votes"]) == ("no votes", None, "no answer: 2")
    table = pa.table({"db_id": ["shop"], "sampled_reasonings": [["We SELECT what is needed FROM the table.", "SELECT name FROM"]]})
    row = SQLVoteEvaluator().run(table, resources={"database": ScriptedDatabase()}).table.to_pylist()[0]
    assert (row["vote_outcome"], row["voted_sql"]) == ("no votes", None)


@fault("never compared with the gold SQL available in the row")
def test_a_majority_against_the_right_query_is_none() -> None:
    vote = voted("SELECT 4", "SELECT 4", LONDON, gold=LONDON)
    assert (vote["vote_outcome"], vote["reasoning"]) == ("majority against the gold query", None)
    assert voted("SELECT 3", "SELECT 3", "SELECT 4", gold=LONDON)["vote_outcome"] == "majority"
    assert "the gold query has no answer" in voted("SELECT 3", gold="SELECT nme FROM customer")["failed"]


def test_instances_of_the_test_suite_vote_too() -> None:
    lucky = "SELECT COUNT(*) FROM customer WHERE id <> 2"
    assert voted(LONDON, lucky, LONDON)["vote_share"] == 1.0
    vote = voted(LONDON, lucky, LONDON, gold=LONDON, database=Instances())
    assert (vote["vote_outcome"], round(vote["vote_share"], 2)) == ("majority", 0.67)
    assert voted(lucky, lucky, gold=LONDON, database=Instances())["vote_outcome"] == "majority against the gold query"


def test_ties_and_no_majority_are_rejected_with_the_votes() -> None:
    rows = [voted("SELECT 3", "SELECT 4"), voted("SELECT 3", "SELECT 3", "SELECT 4", "SELECT 5"), voted("SELECT 3")]
    result = MajorityVoteFilter().run([{name: row[name] for name in ("vote_outcome", "vote_share", "votes")} for row in rows])
    assert result.table.num_rows == 1
    assert result.rejected.column("rejected_reason").to_pylist() == [
        "tie (SELECT 3: 1; SELECT 4: 1)",
        "no majority (SELECT 3: 2; SELECT 4: 1; SELECT 5: 1)",
    ]


# Back-translation and hardness


def test_a_question_that_leads_back_to_its_query_scores_the_share_of_samples_that_do() -> None:
    answers = by_sample(fenced("SELECT COUNT(name) AS n FROM customer WHERE city = 'London'"), fenced("SELECT 4"), "no idea", fenced("SELECT nme"))
    kept, _, serving, _ = ask(BackTranslationEvaluator(samples=4, temperature=0.7, mend=False), [PAIR], answers)
    assert kept[0]["back_translation"] == 0.25
    assert kept[0]["back_translated_sql"] == "SELECT COUNT(name) AS n FROM customer WHERE city = 'London'"
    assert kept[0]["back_translation_reason"] == "shop: other values, or another order"
    assert all(LONDON not in told(request) for request in serving.requests)
    kept, _, _, _ = ask(BackTranslationEvaluator(), [PAIR], in_turn("no idea"))
    assert (kept[0]["back_translation"], kept[0]["back_translated_sql"]) == (0, None)
    assert kept[0]["back_translation_reason"] == "no query that runs was written"


def test_a_query_that_does_not_run_may_be_mended_and_is_none_where_it_is_not() -> None:
    broken = fenced("SELECT COUNT(*) FROM customers")
    kept, _, serving, _ = ask(BackTranslationEvaluator(), [PAIR], in_turn(broken, fenced(LONDON)))
    assert kept[0]["back_translation"] == 1
    assert "the query does not run: error: no such table: customers" in str(serving.requests[1].messages[-1].content)
    kept, aside, _, _ = ask(BackTranslationEvaluator(), [PAIR], in_turn(broken))
    assert (kept[0]["back_translation"], aside) == (0, [])
    _, _, serving, _ = ask(SQLExecutionClassifier(samples=1, temperature=0), [PAIR], in_turn(broken))
    assert len(serving.requests) == 1


def test_agreement_is_asked_of_every_instance_of_the_test_suite() -> None:
    lucky = in_turn(fenced("SELECT COUNT(*) FROM customer WHERE id <> 2"))
    assert ask(BackTranslationEvaluator(), [PAIR], lucky)[0][0]["back_translation"] == 1
    kept, _, _, _ = ask(BackTranslationEvaluator(), [PAIR], lucky, database=Instances())
    assert (kept[0]["back_translation"], kept[0]["back_translation_reason"]) == (0, "shop#0001: other values, or another order")


@fault("[verified] a broken gold query is labelled extra instead of gold error")
@fault("gold is re-executed for each of the 10 samples")
def test_the_right_query_is_executed_once_for_all_samples_and_one_that_fails_has_no_hardness() -> None:
    answers = by_sample(*(fenced(f"SELECT {number}") for number in range(10)))
    kept, aside, serving, database = ask(SQLExecutionClassifier(), [PAIR, {**PAIR, "sql": "SELECT nme FROM customer"}], answers)
    assert len(kept) == 1
    assert "the gold query has no answer" in aside[0]["rejected_reason"]
    assert len(serving.requests) == 10
    executed = Counter(statement.sql for statement in database.executed)
    assert executed[LONDON] == 1


@fault("with temperature 0 the 10 samples are identical: label is extra or easy only")
@fault("pass count is thrown away; timeout value 5.0 is never applied to a query")
@pytest.mark.parametrize(("passes", "label"), [(0, "extra"), (2, "extra"), (3, "hard"), (5, "hard"), (6, "medium"), (9, "medium"), (10, "easy")])
def test_the_label_follows_from_how_many_samples_are_right_and_the_count_stays(passes: int, label: str) -> None:
    answers = by_sample(*(fenced(LONDON if number < passes else "SELECT 'wrong'") for number in range(10)))
    kept, _, _, _ = ask(SQLExecutionClassifier(), [PAIR], answers)
    assert (kept[0]["execution_hardness"], kept[0]["execution_passes"], kept[0]["execution_samples"]) == (label, passes, 10)
    with pytest.raises(ValueError, match="at temperature 0"):
        SQLExecutionClassifier(temperature=0)


def test_the_prompt_of_the_row_is_asked_and_bounds_have_to_fit_the_labels() -> None:
    _, _, serving, _ = ask(SQLExecutionClassifier(samples=1, temperature=0), [{**PAIR, "text2sql_prompt": "My own prompt."}], in_turn(fenced(LONDON)))
    assert serving.requests[0].messages[-1].content == "My own prompt."
    with pytest.raises(ValueError, match="2 labels need 1 bounds"):
        SQLExecutionClassifier(labels=("hard", "easy"))
    with pytest.raises(ValueError, match="have to rise"):
        SQLExecutionClassifier(shares=(0.5, 0.5, 0.9))


# Correspondence


@fault("[verified] index labels are used as positions: IndexError or wrong rows on a non-default index")
@fault("a fenced SQL block containing the letters yes passes")
@fault("returns [] and stores neither verdict nor reason")
def test_a_pair_stays_by_the_verdict_and_the_others_say_what_differs() -> None:
    def judge(request: Any) -> str:
        wrong = "Paris" in told(request)
        difference = "yes, it says ```yes```, but the city is another" if wrong else ""
        return json.dumps({"asked": "a number", "given": "a number", "difference": difference, "corresponds": not wrong})

    rows = [{**PAIR, "n": 0}, {**PAIR, "question": "How many live in Paris?", "n": 1}, {**PAIR, "question": " ", "n": 2}, {**PAIR, "n": 3}]
    kept, aside, serving, _ = ask(CorrespondenceFilter(), rows, judge)
    assert [row["n"] for row in kept] == [0, 3]
    assert [row["rejected_reason"] for row in aside] == ["yes, it says ```yes```, but the city is another", "the question is empty"]
    asked = [told(request) for request in serving.requests]  # in any order: rows are asked about at once
    assert all("1 row of (COUNT(*)): (3,)" in text for text in asked if "Its answer" in text)
    assert any("does not name: London" in text for text in asked)
    scored, _, _, _ = ask(CorrespondenceEvaluator(model_column="judge"), rows, judge)
    assert [row["corresponds"] for row in scored] == [True, False, False, True]
    assert scored[1]["corresponds_reason"].startswith("yes, it says")
    assert scored[0]["judge"] == "scripted"


@fault("database errors abort the whole run")
def test_a_query_that_does_not_run_is_rejected_unasked_and_a_missing_database_fails_its_row() -> None:
    rows = [{**PAIR, "sql": "SELECT nme FROM customer"}, {**PAIR, "db_id": "nowhere"}, PAIR]
    kept, aside, serving, _ = ask(CorrespondenceFilter(), rows, always(asked="a", given="a", difference="", corresponds=True))
    assert len(kept) == len(serving.requests) == 1
    reasons = {row["rejected_as"]: row["rejected_reason"] for row in aside}
    assert "the query does not run: error: no such column" in reasons["filtered"]
    assert 'no database is named "nowhere"' in reasons["failed"]
    hidden = CorrespondenceFilter(rows=0)
    _, _, serving, _ = ask(hidden, [PAIR], always(asked="a", given="a", difference="", corresponds=True))
    assert "(3,)" not in told(serving.requests[0])


@pytest.mark.parametrize(
    "operator", [BackTranslationEvaluator(), Text2SQLReasoningGenerator(samples=1, temperature=0), CorrespondenceFilter()], ids=lambda one: one.name
)
def test_a_row_without_an_answer_is_set_aside(operator: Any) -> None:
    kept, aside, _, _ = ask(operator, [PAIR], lambda request: Failure("unavailable", "the server is away"))
    assert kept == []
    assert aside[0]["rejected_reason"] == "unavailable: the server is away"
