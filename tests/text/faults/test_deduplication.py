"""Faults that all of the reference's dedup filters share: which copy stays, what is said of the others, memory, threads, and runs to come."""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
import threading
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.core import registry
from operators.engine.rows_reader import RowsReader
from operators.kernels.minhash import MinHash
from operators.kernels.simhash import simhash as sign_simhash
from operators.tables.errors import ColumnError, ParameterError
from operators.tables.storage import MemoryStorage
from operators.text.duplicates import simhash as simhash_dedup
from operators.text.duplicates.evaluator import DuplicatesEvaluator
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.duplicates.semantic import SemanticDedup
from operators.text.duplicates.simhash import SimHashDedup
from tests.faults import fault
from tests.text.faults.dedup_tables import BagOfWords, MeasuredStorage, run, table

REFERENCE = (
    *("HashDeduplicateFilter", "MinHashDeduplicateFilter", "SimHashDeduplicateFilter", "NgramHashDeduplicateFilter", "SemDeduplicateFilter"),
    "CCNetDeduplicateFilter",
)
every_dedup = pytest.mark.parametrize("operator", [registry.find(name)() for name in REFERENCE], ids=REFERENCE)

COPIED = "The committee decided to publish the report in the spring, after a long debate about its tables and figures."
OTHER = "Nobody in the village could remember a winter in which the river had been frozen for so many weeks on end."


def against(operator: Any) -> Any:
    """The form of an operator that takes the table of rows kept before."""
    parameters = {name: getattr(operator, name) for name in operator.model_fields_set}
    return registry.find(f"{operator.name}Against")(**parameters)


class TestWhichCopyStays:
    pytestmark = fault("kept copy is the first in file order; no choice of best copy, no cluster id or duplicate-of column in the output")

    @every_dedup
    @pytest.mark.parametrize(
        ("keep", "scores", "stays"),
        [
            ("first", None, "0"),
            ("last", None, "3"),
            ("highest", [2, 9, None, 9], "1"),
            ("lowest", [2.5, float("nan"), 0.5, 9], "2"),
            ("highest", [None] * 4, "0"),
        ],
    )
    def test_it_is_chosen_by_place_or_by_the_number_in_a_column(self, operator: Any, keep: Any, scores: Any, stays: str) -> None:
        columns = {"input_score": "quality"} if scores else {}
        storage = table([COPIED] * 4 + [OTHER], quality=pa.array([*(scores or [0] * 4), 1], pa.float64()))
        kept, reasons = run(operator.changed(keep=keep), storage, **columns)
        assert kept == [stays, "4"]
        assert all(f" {stays}" in reason for reason in reasons.values()), reasons

    @settings(deadline=None, max_examples=50)
    @given(rows=st.lists(st.tuples(st.sampled_from(["a", "A", "b ", "b", "c"]), st.none() | st.integers(0, 3)), max_size=12), highest=st.booleans())
    def test_it_is_that_of_most_merit_and_of_equals_the_first(self, rows: list[tuple[str, int | None]], highest: bool) -> None:
        storage = table([text for text, _ in rows], quality=pa.array([score for _, score in rows], pa.int64()))
        sign = 1 if highest else -1

        def merit(row: int) -> float:
            score = rows[row][1]
            return float("-inf") if score is None else sign * score

        groups: dict[str, list[int]] = {}
        for row, (text, _) in enumerate(rows):
            groups.setdefault(text.strip().lower(), []).append(row)
        expected = sorted(max(group, key=lambda row: (merit(row), -row)) for group in groups.values())
        operator = ExactDedup(ignore_case=True, keep="highest" if highest else "lowest")
        assert run(operator, storage, input_score="quality")[0] == [str(row) for row in expected]

    def test_it_is_chosen_within_the_clusters_of_many_rows_too(self) -> None:
        storage = table([COPIED, OTHER, COPIED, OTHER, "A third text."], score=[1, 9, 2, 3, 0])
        assert run(SemanticDedup(exact_up_to=1, cluster_size=3, keep="highest"), storage)[0] == ["1", "2", "4"]

    @every_dedup
    def test_the_longest_is_found_wherever_it_stands(self, operator: Any) -> None:
        longer = f"{COPIED}  " if isinstance(operator, ExactDedup) else f"{COPIED} And so it was."
        loose: dict[Any, dict[str, Any]] = {MinHashDedup: {"threshold": 0.6}, SimHashDedup: {"max_bits": 12}, SemanticDedup: {"threshold": 0.8}}
        chosen = operator.changed(keep="longest", **loose.get(type(operator), {}))
        assert run(chosen, table([COPIED, longer, OTHER, COPIED]))[0] == ["1", "2"]

    @every_dedup
    def test_a_column_that_is_not_there_is_said_before_anything_is_read(self, operator: Any) -> None:
        with pytest.raises(ColumnError, match='column "qualty" does not exist'):
            run(operator.changed(keep="highest"), table([COPIED], quality=[1]), input_score="qualty")
        with pytest.raises(ColumnError, match='has no input or output "input_score"'):
            run(operator, table([COPIED], quality=[1]), input_score="quality")

    @every_dedup
    def test_the_reason_names_the_copy_that_stays(self, operator: Any) -> None:
        _, reasons = run(operator, table([OTHER, COPIED, COPIED]))
        assert list(reasons) == ["2"]
        assert reasons["2"].startswith(f"{operator.name}: ")
        assert " 1" in reasons["2"]

    @every_dedup
    def test_columns_say_which_rows_belong_together_and_which_of_them_stays(self, operator: Any) -> None:
        storage = table([COPIED, OTHER, COPIED, None, COPIED], body=["x"] * 5)
        marked = MemoryStorage()
        evaluator = DuplicatesEvaluator(dedup=operator.changed(keep="last"))
        report = evaluator.run(storage, into=marked, resources={"embedding": BagOfWords()})
        assert report.rows_out == 5
        rows = marked.read().select(["duplicate_of", "duplicate_group", "duplicates"]).to_pylist()
        assert [tuple(row.values()) for row in rows] == [("4", "4", 3), (None, "1", 1), ("4", "4", 3), (None, None, None), (None, "4", 3)]
        assert registry.build(evaluator.as_dict()) == evaluator
        assert evaluator.fingerprint() != DuplicatesEvaluator(dedup=operator).fingerprint()

    def test_only_a_dedup_filter_of_one_table_finds_duplicates(self) -> None:
        for name in ("WordCountFilter", "ExactDedupAgainst"):
            with pytest.raises(ParameterError, match="no dedup filter of one table"):
                DuplicatesEvaluator(dedup={"operator": name})


class TestMemoryThreadsAndRunsToCome:
    pytestmark = fault("whole frame is materialised as Python dicts, single thread, no cross-run index")

    @every_dedup
    def test_texts_stream_past_and_other_columns_are_not_read(self, operator: Any) -> None:
        storage = MeasuredStorage([f"{number} {COPIED} " * 50 for number in range(2500)])
        operator.find(RowsReader(operator, storage), embedding=BagOfWords())
        assert storage.columns == {"row_id", "text"}
        assert 0 < storage.most_held < 14_000_000 / 5, "of 14 MB of texts"

    @pytest.mark.parametrize("operator", [MinHashDedup(), SimHashDedup()], ids=repr)
    def test_signatures_are_made_in_as_many_threads_as_there_are_cores(self, operator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        together = threading.Barrier(2, timeout=120)
        sign, simhash = MinHash.sign, sign_simhash

        def meeting(function: Any) -> Any:
            return lambda *arguments: (together.wait(), function(*arguments))[1]

        monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
        monkeypatch.setattr(MinHash, "sign", meeting(sign))
        monkeypatch.setattr(simhash_dedup, "simhash", meeting(simhash))
        texts = [f"{word} {COPIED}" for word in range(2048)]
        assert run(operator.changed(keep="last"), table([*texts, *texts]))[0] == run_alone(operator, [*texts, *texts], monkeypatch, sign, simhash)

    @every_dedup
    @pytest.mark.parametrize("keep", ["first", "last", "longest"])
    def test_a_later_run_compares_with_what_earlier_runs_kept(self, operator: Any, keep: Any) -> None:
        first, second = [COPIED, OTHER, COPIED], [OTHER, f"Something new. {OTHER[::-1]}", COPIED, OTHER]
        kept_before = MemoryStorage()
        operator.run(table(first, "day1-"), into=kept_before, resources={"embedding": BagOfWords()})
        chosen = against(operator.changed(keep=keep))
        kept, reasons = run(chosen, table(second, "day2-"), kept_before)
        assert kept == ["day2-1"]
        assert {row: " day1-" in reason for row, reason in reasons.items()} == {"day2-0": True, "day2-2": True, "day2-3": True}
        assert run(chosen, table([], "day3-"), kept_before) == ([], {})
        assert run(chosen, table(second), table([]))[0] == run(operator.changed(keep=keep), table(second))[0]

    @every_dedup
    def test_a_score_chooses_among_new_rows_and_known_ones_need_none(self, operator: Any) -> None:
        new = table([COPIED, OTHER, OTHER, OTHER], quality=[9, 1, 5, 3])
        chosen = against(operator.changed(keep="highest"))
        assert run(chosen, new, table([COPIED, COPIED], "known-"), input_score="quality")[0] == ["2"]

    @every_dedup
    def test_a_table_of_known_rows_without_the_text_is_said_before_anything_is_read(self, operator: Any) -> None:
        known = MemoryStorage(pa.table({"row_id": ["k"], "texts": ["x"]}))
        with pytest.raises(ColumnError, match='"text" does not exist in the table of known rows'):
            run(against(operator), table([COPIED]), known)


def run_alone(operator: Any, texts: list[str], monkeypatch: pytest.MonkeyPatch, sign: Any, simhash: Any) -> list[str]:
    """The same in one thread."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0}, raising=False)
    monkeypatch.setattr(MinHash, "sign", sign)
    monkeypatch.setattr(simhash_dedup, "simhash", simhash)
    return run(operator.changed(keep="last"), table(texts))[0]


class TestColumns:
    @every_dedup
    @fault("a one-element input_keys list falls through to sample[None] and raises KeyError")
    def test_rows_are_compared_by_one_column_or_by_several(self, operator: Any) -> None:
        storage = table([COPIED, COPIED, COPIED, "A third text."], answer=[OTHER, OTHER[::-1], OTHER, None], topic=["a"] * 4)
        assert run(operator, storage)[0] == ["0", "3"]
        assert run(operator.changed(also=[]), storage)[0] == ["0", "3"]
        assert run(operator.changed(also=["answer"]), storage)[0] == ["0", "1", "3"]
        assert run(operator.changed(also=["answer", "topic"]), storage)[0] == ["0", "1", "3"]
        with pytest.raises(ColumnError, match='column "answr" does not exist'):
            run(operator.changed(also=["answr"]), storage)
        with pytest.raises(ParameterError, match="read already"):
            operator.changed(also=["text"])

    def test_equal_rows_have_their_columns_equal_one_by_one(self) -> None:
        storage = table(["a", "a b", "a ", "a b c"], answer=["b c", "c", " b  c", None])
        assert run(ExactDedup(also=["answer"], ignore_punctuation=True), storage)[0] == ["0", "1", "3"]

    @every_dedup
    @fault("default output column is minhash_deduplicated_label in every dedup operator (copy-paste)")
    def test_a_filter_adds_no_column_and_signs_with_its_own_name(self, operator: Any) -> None:
        kept, rejected = MemoryStorage(), MemoryStorage()
        operator.run(table([COPIED, COPIED]), into=kept, rejected=rejected, resources={"embedding": BagOfWords()})
        assert kept.schema.names == ["row_id", "text"]
        assert rejected.read()["rejected_by"].to_pylist() == [operator.name]


@every_dedup
@fault("dead _compute_hash refers to attributes that do not exist")
def test_every_attribute_that_a_method_reads_is_there(operator: Any) -> None:
    for cls in type(operator).__mro__:
        if cls.__module__.startswith("operators.text"):
            tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
            read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"}
            assert {name for name in read if not hasattr(operator, name)} == set()
