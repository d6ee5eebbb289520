"""Fault D4: code, diffs, tables and quotations keep their shape when spaces are normalized; prose around them is cleaned."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dataflow_assets.pipelines.web_text import WebText
from operators.core.kinds import Refine
from operators.core.sequential import Sequential
from operators.tables.storage import MemoryStorage
from operators.text.cleaning.plain_text import NormalizeSpaces

KEPT = {
    "a diff": "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n def f():\n-    return  1\n+    return  2",
    "quoted code": "She wrote:\n\n> for x in y:\n>     if x:\n>         print(x)\n\nThat works.",
    "columns by tabs": "name\tprice\tcount\npear\t1.20\t3\nplum\t0.40\t12",
    "columns by spaces": "name    price   count\npear     1.20       3\nplum     0.40      12\nfig      2.10       1",
    "a code block": "Try this:\n\n```python\ndef f(x):\n    y  =  x\n\n\n    return   y\n```\n\nThen run it.",
    "a block in a list": "1. First\n\n   ```\n   a   b\n   ```\n\n2. Second",
    "tildes": "~~~\na\t\tb   c\n~~~",
    "a block that is not closed": "See:\n\n```\nx   =  1\n    y =   2",
    "a table": "| name  |  price |\n|-------|--------|\n| pear  |   1.20 |",
}


def cleaned(operator: Refine | Sequential, text: str) -> str:
    into = MemoryStorage()
    operator.run(MemoryStorage(pa.table({"text": [text]})), into=into)
    return str(into.read().column("text")[0].as_py())


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_d4_what_is_laid_out_by_white_space_keeps_its_shape(text: str) -> None:
    assert cleaned(NormalizeSpaces(), text) == text


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_d4_also_through_the_first_stage_of_web_text(text: str) -> None:
    assert cleaned(WebText(rate=False).clean, text) == text


def test_d4_prose_beside_a_code_block_is_cleaned_and_the_block_is_not() -> None:
    text = "Some   prose.\u00a0Here:  \n\n\n\n```\na   b\r\n\n\n\nc\n```\n\n\n\nMore    prose."
    assert cleaned(NormalizeSpaces(), text) == "Some prose. Here:\n\n```\na   b\n\n\n\nc\n```\n\nMore prose."


def test_prose_beside_a_table_is_cleaned_and_the_table_is_not() -> None:
    table = "| name  |  price |\n|-------|--------|\n| pear  |   1.20 |"
    assert cleaned(NormalizeSpaces(), f"The  prices   of fruit:\n{table}\r\nAll  of them\u00a0 fell.\n\n\n\nSo  we  bought.") == (
        f"The prices of fruit:\n{table}\nAll of them fell.\n\nSo we bought."
    )


def test_a_table_with_windows_line_ends_keeps_its_shape() -> None:
    assert cleaned(NormalizeSpaces(), "| a   | b |\r\n|-----|---|\r\n| c   | d |") == "| a   | b |\n|-----|---|\n| c   | d |"


def test_two_spaces_after_each_sentence_are_no_columns() -> None:
    text = "It rained.  We stayed in.\nIt snowed.  We went out.\nThe sun came.  We slept."
    assert cleaned(NormalizeSpaces(), text) == text.replace("  ", " ")


def test_prose_before_a_diff_is_cleaned() -> None:
    assert cleaned(NormalizeSpaces(), "This  mends it:\n\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a  = 1\n+a  = 2") == (
        "This mends it:\n\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a  = 1\n+a  = 2"
    )


def test_without_structure_nothing_is_spared() -> None:
    assert cleaned(NormalizeSpaces(keep_structure=False), KEPT["columns by spaces"]).startswith("name price count\n")


@given(
    st.lists(
        st.sampled_from(["```\n", "~~~\n", "a   b", "\n", "\n\n\n\n", "> x", "\t", " ", "|a|\n", "@@ -1\n", "c", "\r\n", "\u2028", "a  b\n"]),
        max_size=14,
    ).map("".join)
)
@example("\ta   b\t```\n\u2028\t@@ -1\n")
@settings(deadline=None, max_examples=150)
def test_a_second_time_changes_nothing_and_no_word_is_lost(text: str) -> None:
    once = cleaned(NormalizeSpaces(), text)
    assert cleaned(NormalizeSpaces(), once) == once
    assert "".join(once.split()) == "".join(text.split())
