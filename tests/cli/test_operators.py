"""dataflow operators"""

from __future__ import annotations

import pytest

from tests.cli.conftest import Dataflow


def test_the_list_tells_of_each_operator_what_a_program_needs_to_use_it(dataflow: Dataflow) -> None:
    listed = dataflow("operators", "list", "--json")
    assert listed.status == 0
    score_filter = next(item for item in listed.json if item["name"] == "ScoreFilter")
    assert score_filter["kind"] == "filter"
    assert score_filter["domain"] == "generic"
    assert score_filter["needs"] == []
    assert score_filter["covers"] == ["GeneralFilter"]
    assert score_filter["description"].startswith("Keep rows")
    assert {"min", "max"} <= set(score_filter["parameters"]["properties"])
    assert score_filter["inputs"]["score"] == {"column": "score", "type": "number", "description": "any column of numbers"}
    assert score_filter["outputs"] == {}


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
