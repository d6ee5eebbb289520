"""dataflow operators"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from typing import Any

import pytest

from dataflow_assets.cli import operator_facts
from dataflow_assets.cli.operator_tasks import task_of
from operators.core import registry
from tests.cli.conftest import Dataflow


def test_the_list_tells_of_each_operator_what_a_program_needs_to_use_it(dataflow: Dataflow) -> None:
    listed = dataflow("operators", "list", "--json")
    assert listed.status == 0
    score_filter = next(item for item in listed.json if item["name"] == "ScoreFilter")
    assert score_filter["kind"] == "filter"
    assert score_filter["domain"] == "generic"
    assert score_filter["needs"] == []
    assert score_filter["covers"] == ["GeneralFilter", "CodeGenericScoreFilter"]
    assert score_filter["description"].startswith("Keep rows")
    assert {"min", "max"} <= set(score_filter["parameters"]["properties"])
    assert score_filter["inputs"]["score"] == {"column": "score", "type": "number", "description": "any column of numbers"}
    assert score_filter["outputs"] == {}


def test_it_tells_of_what_tables_an_operator_is_called_and_whether_it_makes_rows(dataflow: Dataflow) -> None:
    told = {item["name"]: (item["module"], item["tables"], item["adds_rows"]) for item in dataflow("operators", "list", "--json").json}
    assert told["JoinColumns"] == ("operators.generic.join", ["rows", "other"], False)
    assert told["ChunkText"] == ("operators.text.parts.chunk", ["rows"], True)
    assert "tables     rows, other" in dataflow("operators", "show", "JoinColumns").output
    assert "makes      rows" in dataflow("operators", "show", "ChunkText").output


def test_every_operator_listed_can_be_shown(dataflow: Dataflow) -> None:
    for item in dataflow("operators", "list", "--json").json:
        shown = dataflow("operators", "show", item["name"])
        assert shown.status == 0, shown.messages
        assert shown.output.startswith(item["name"])


def test_the_list_can_be_narrowed(dataflow: Dataflow) -> None:
    found = dataflow("operators", "list", "--kind", "filter", "--domain", "generic", "--needs", "nothing", "--json").json
    assert found
    assert {(item["kind"], item["domain"]) for item in found} == {("filter", "generic")}


def test_search_looks_into_descriptions_and_reference_names(dataflow: Dataflow) -> None:
    assert "ScoreFilter" in {item["name"] for item in dataflow("operators", "list", "--search", "generalfilter", "--json").json}


def test_a_reference_name_finds_what_covers_it(dataflow: Dataflow) -> None:
    shown = dataflow("operators", "show", "GeneralFilter")
    assert shown.status == 0
    assert "ScoreFilter covers GeneralFilter." in shown.output


@pytest.mark.parametrize(("typed", "meant"), [("ScoreFliter", "ScoreFilter"), ("generalfiler", "GeneralFilter")])
def test_an_unknown_name_is_answered_with_the_closest(dataflow: Dataflow, typed: str, meant: str) -> None:
    shown = dataflow("operators", "show", typed)
    assert shown.status == 1
    assert f'did you mean "{meant}"?' in shown.messages
    assert "Traceback" not in shown.messages


def test_an_unknown_kind_is_answered_with_those_there_are(dataflow: Dataflow) -> None:
    listed = dataflow("operators", "list", "--kind", "fliter")
    assert listed.status == 2
    assert "filter" in listed.messages


def test_the_name_that_covers_word_counts_is_the_standard_term(dataflow: Dataflow) -> None:
    assert dataflow("operators", "show", "WordNumberFilter", "--json").json["name"] == "WordCountFilter"


# Finding one among many


def test_the_list_says_in_one_line_each_what_there_is_for_each_task(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    lines = dataflow("operators", "list").output.splitlines()
    heads = [line for line in lines if not line.startswith(" ") and ": " in line]
    operators = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(operators) == sorted(cls.__name__ for cls in registry.all_operators())
    assert len(lines) < len(operators) + len(heads) + 5
    assert lines.index("text: cleaning") < lines.index("text: duplicates") < lines.index("text: synthesis")
    assert max(map(len, lines)) <= 120


def test_what_belongs_together_is_found_together(dataflow: Dataflow) -> None:
    lines = dataflow("operators", "list", "--domain", "text", "--kind", "filter", "--search", "duplicate").output.splitlines()
    under = lines[lines.index("text: duplicates") + 1 :]
    assert {"ExactDedup", "MinHashDedup", "SimHashDedup", "NGramOverlapDedup", "SemanticDedup", "Decontaminate"} <= {
        line.split()[0] for line in under
    }


def test_all_words_of_a_search_must_be_there_in_whatever_order(dataflow: Dataflow) -> None:
    names = {item["name"] for item in dataflow("operators", "list", "--search", "repeat lines", "--json").json}
    assert "DuplicateLinesFilter" in names
    assert names == {item["name"] for item in dataflow("operators", "list", "--search", "LINES repeat", "--json").json}
    assert "ExactDedup" in {item["name"] for item in dataflow("operators", "list", "--search", "ignore_punctuation", "--json").json}


def test_a_search_that_finds_nothing_says_so(dataflow: Dataflow) -> None:
    listed = dataflow("operators", "list", "--search", "xyzzy")
    assert listed.status == 0
    assert "No operator is like that" in listed.output


def test_a_task_can_be_asked_for_and_a_wrong_one_is_answered_with_those_there_are(dataflow: Dataflow) -> None:
    listed = dataflow("operators", "list", "--task", "privacy", "--json")
    assert {item["task"] for item in listed.json} == {"privacy"}
    assert "PresidioAnonymizer" in {item["name"] for item in listed.json}
    wrong = dataflow("operators", "list", "--task", "privat")
    assert wrong.status == 2
    assert "privacy" in wrong.messages


def test_what_needs_an_extra_is_not_among_what_needs_nothing(dataflow: Dataflow) -> None:
    nothing = {item["name"] for item in dataflow("operators", "list", "--needs", "nothing", "--json").json}
    entities = {item["name"] for item in dataflow("operators", "list", "--needs", "entities", "--json").json}
    assert "PresidioEvaluator" in entities
    assert not nothing & entities


@pytest.mark.parametrize("domain", ["text", "generic"])
def test_the_tasks_of_a_domain_are_its_folders_and_files(domain: str) -> None:
    package = importlib.import_module(f"operators.{domain}")
    places = {module.name for module in pkgutil.iter_modules(package.__path__)}
    tasks = {task_of(cls) for cls in registry.all_operators() if cls.__module__.startswith(f"operators.{domain}.")}
    assert tasks == places


def test_the_summary_is_the_first_sentence_whole() -> None:
    summaries = {cls.__name__: operator_facts.summary_of(cls) for cls in registry.all_operators()}
    assert summaries["ExactDedup"] == "Keep one of several equal texts."
    assert summaries["KeepC4Lines"].startswith("Keep the lines that C4 keeps: three words or more, an end mark (. ? !")
    assert all("\n" not in summary and summary for summary in summaries.values())


# The page of one


def test_what_an_operator_holds_of_a_table_is_said_with_the_bytes_of_a_sketch(dataflow: Dataflow) -> None:
    listed = {item["name"]: (item["memory"], item["sketch_bytes"]) for item in dataflow("operators", "list", "--json").json}
    assert listed["WordCountFilter"] == ("row", None)
    assert listed["ExactDedup"] == ("sketch", 64)
    assert listed["SemanticDedup"] == ("table", None)
    assert "memory     row: a batch of rows at a time" in dataflow("operators", "show", "WordCountFilter").output
    assert "memory     sketch: 449 bytes a row" in dataflow("operators", "show", "MinHashDedup").output
    assert "memory     table: the columns that it reads, of all rows" in dataflow("operators", "show", "SemanticDedup").output


def test_the_page_of_an_operator_has_ranges_columns_source_what_to_install_and_an_example(dataflow: Dataflow) -> None:
    page = dataflow("operators", "show", "PresidioAnonymizer").output
    assert "task       text: privacy" in page
    assert "pip install 'dataflow-dagster[entities]'" in page
    assert "at least 0, at most 1" in page
    assert "from operators.text.privacy.presidio import PresidioAnonymizer" in page
    page = dataflow("operators", "show", "MinHashDedup").output
    assert "install" not in page.split("Parameters")[0]
    assert "source     Broder 1997" in page
    assert "covers     MinHashDeduplicateFilter" in page


def test_the_width_of_the_terminal_decides_where_a_description_is_broken(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for page in (dataflow("operators", "show", "DeitaSelection"), dataflow("pipelines", "show", "sft_synthesis")):
        description = page.output.splitlines()[1:12]
        lengths = [len(line) for line, after in itertools.pairwise(description) if line and after]
        assert all(30 < length <= 60 for length in lengths), page.output


@pytest.mark.parametrize("cls", registry.all_operators(), ids=lambda cls: cls.__name__)
def test_the_example_on_the_page_makes_the_operator(cls: Any) -> None:
    code = operator_facts.example_of(cls)
    names: dict[str, Any] = {}
    exec("\n".join(line for line in code.splitlines() if not line.startswith("operator.run")), names)
    assert type(names["operator"]) is cls
    compile(code, cls.__name__, "exec")
