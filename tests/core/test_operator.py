"""Operators as plain data: compared, hashed, described, written and read again."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from operators.core import registry
from operators.core.sequential import Sequential
from operators.fingerprint.source_code import source_hash
from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from operators.text.duplicates.exact import ExactDedup
from tests.core.samples import Length, ShortOnly, Upper, rows_of, table


def test_operators_with_the_same_parameters_are_equal_and_hash_alike() -> None:
    assert ScoreFilter(min=1) == ScoreFilter(min=1)
    assert len({ScoreFilter(min=1), ScoreFilter(min=1), ScoreFilter(min=2)}) == 2
    assert ScoreFilter(min=1).bind(input_score="a") != ScoreFilter(min=1)


def test_an_operator_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError, match=r"ScoreFilter.min cannot be set.*ScoreFilter.changed\(min=...\) makes another"):
        ScoreFilter(min=1).min = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match=r"ScoreFilter.seen cannot be set.*a parameter is a field of its class: seen: int = 3"):
        ScoreFilter(min=1).seen = 2  # type: ignore[attr-defined]


def test_an_unknown_parameter_names_the_closest_one() -> None:
    with pytest.raises(ParameterError, match=r'ScoreFilter has no parameter "mim"(.|\n)*did you mean "min"'):
        ScoreFilter(mim=1)


def test_all_wrong_parameters_are_reported_at_once() -> None:
    with pytest.raises(ParameterError) as error:
        ScoreFilter(mim=1, nulls="drop", max_failed=2)
    assert len(error.value.problems) == 3


def test_an_operator_survives_being_written_as_plain_data() -> None:
    single = ScoreFilter(min=1, max_failed=0.5).bind(input_score="quality")
    for operator in (single, Sequential(ScoreFilter(min=1), ScoreFilter(max=3).bind(input_score="b"))):
        again = registry.build(operator.as_dict())
        assert again == operator
        assert again.fingerprint() == operator.fingerprint()


def test_the_fingerprint_follows_parameters_and_bindings_but_not_tolerance() -> None:
    base = ScoreFilter(min=1)
    assert base.fingerprint() != ScoreFilter(min=2).fingerprint()
    assert base.fingerprint() != base.bind(input_score="other").fingerprint()
    assert base.fingerprint() == ScoreFilter(min=1, max_failed=0.5).fingerprint()


def test_the_fingerprint_follows_the_code_but_not_its_comments(tmp_path: Path) -> None:
    def hash_of(name: str, docstring: str, body: str) -> str:
        (tmp_path / f"{name}.py").write_text(f'class One:\n    """{docstring}"""\n\n    def keep(self, text):\n        {body}\n')
        spec = importlib.util.spec_from_file_location(name, tmp_path / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return source_hash(module.One)

    first = hash_of("first_version", "Some words.", "return len(text) > 1  # a comment")
    assert first == hash_of("second_version", "Other words.", "return (len(text) > 1)")
    assert first != hash_of("third_version", "Some words.", "return len(text) > 2")


def test_a_sequential_does_its_parts_in_order_and_counts_each() -> None:
    kept, rejected = MemoryStorage(), MemoryStorage()
    both = Sequential(ShortOnly(most=4), ShortOnly(most=2).changed())
    report = both.run(table("a", "abc", "abcde", "abcdef"), into=kept, rejected=rejected)
    assert [row["text"] for row in rows_of(kept)] == ["a"]
    assert [row["rejected_reason"] for row in rows_of(rejected)] == ["5 characters", "6 characters", "3 characters"]
    assert report.rows_in == report.rows_out + report.filtered == 4


def test_a_sequential_of_refiners_chains_them() -> None:
    class Twice(Upper, abstract=True):
        def refine(self, text: str) -> str:
            return text + text

    kept = MemoryStorage()
    Sequential(Twice(), Upper()).run(table("ab", None), into=kept)
    assert [row["text"] for row in rows_of(kept)] == ["ABAB", None]


def test_a_sequential_of_several_kinds_is_of_the_widest() -> None:
    assert Sequential(Length(), Upper()).kind == "refine"
    measured = Sequential(Upper(), Length(), ScoreFilter(max=2).bind(input_score="length"))
    assert (measured.kind, measured.rewritten_columns(), measured.output_columns()) == ("filter", {"text"}, {"length": "length"})
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = measured.run(table("a", "abc"), into=kept, rejected=rejected)
    assert [(row["text"], row["length"]) for row in rows_of(kept)] == [("A", 1)]
    assert [(row["text"], row["rejected_reason"]) for row in rows_of(rejected)] == [("ABC", "length = 3, above max = 2")]
    assert (report.rows_in, report.changed_by) == (2, {"Upper": 2})


def test_a_sequential_refuses_what_it_cannot_fuse() -> None:
    with pytest.raises(ParameterError, match="ExactDedup works on whole tables: give it a stage of its own"):
        Sequential(ScoreFilter(min=1), ExactDedup())
    with pytest.raises(ParameterError, match="is none"):
        Sequential("ScoreFilter")


def test_bindings_of_a_sequential_reach_every_part() -> None:
    bound = Sequential(ShortOnly(), ShortOnly(most=9)).bind(input_text="body")
    assert [part.input_columns() for part in bound.parts] == [{"text": "body"}, {"text": "body"}]


def test_two_operators_of_one_name_are_refused() -> None:
    twin = type("ScoreFilter", (ScoreFilter,), {"__module__": "elsewhere", "__qualname__": "Inner.<locals>.ScoreFilter"})
    assert registry.find("ScoreFilter") is ScoreFilter
    twin.__qualname__ = "ScoreFilter"
    with pytest.raises(TypeError, match="two operators are named ScoreFilter"):
        twin.register()


def test_reference_names_and_misspellings_are_found() -> None:
    assert registry.find("GeneralFilter") is ScoreFilter
    with pytest.raises(ParameterError, match='did you mean "ScoreFilter"'):
        registry.find("ScoreFiltr")
