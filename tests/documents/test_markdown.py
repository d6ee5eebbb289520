"""A document becomes Markdown, and Markdown the same document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.document_model import blocks as make
from operators.document_model.blocks import NOWHERE, Block, Item, Place
from operators.document_model.column import BLOCKS, block_of_row, row_of_block
from operators.document_model.document import Document
from operators.document_model.markdown_reading import blocks_of
from operators.document_model.markdown_writing import markdown_of

MARKS = st.text(alphabet="ab1. \n#-*+_=`~$|:[]()^!\\<>&é中א\t\x0b\x85\u2028", max_size=24)
TEXTS = st.one_of(
    MARKS,
    st.sampled_from(["| a |", "a|b", "\\| a", "a\\|b", "| - | - |", "    indented"]),
    st.text(max_size=30),
    st.sampled_from("1. one|1986. A year|- x|# x|x #|x \\#|---|===|```|$$|: x|[^1]: x|![x](y)|* * *|<!-- place {} -->|<!-- -->".split("|")),
    st.sampled_from("\\|\\\\|\\- x|1\\. x|<br>|> q".split("|")),
)
ITEMS = st.builds(Item, TEXTS, st.integers(0, 4), st.sampled_from(["-", "1.", "12)", "x"]))
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=4)
PLACES = st.builds(
    Place,
    st.none() | st.integers(1, 999),
    st.none() | st.tuples(*[st.floats(-1e4, 1e4, allow_nan=False)] * 4),
    st.sampled_from(["", "chapter-1.xhtml", "a -- b -->", '"quoted"']),
)
MAKERS = st.one_of(
    st.builds(make.heading, TEXTS, st.integers(-1, 9)),
    st.builds(make.paragraph, TEXTS),
    st.builds(make.bullets, st.lists(ITEMS, max_size=5)),
    st.builds(make.table, ROWS, st.booleans()),
    st.builds(make.code, TEXTS, st.sampled_from(["", "python", "c++", "{x}"])),
    st.builds(make.formula, TEXTS),
    st.builds(make.figure, TEXTS, st.sampled_from(["", "a.png", "a (1).png", "<x>"])),
    st.builds(make.caption, TEXTS),
    st.builds(make.footnote, st.sampled_from(["1", "*", "a b]", ""]), TEXTS),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MAKERS, max_size=6))
def test_markdown_of_any_document_is_read_back_without_loss(blocks: list[Block]) -> None:
    document = Document.of(blocks)
    assert tuple(blocks_of(markdown_of(document.blocks))) == document.blocks


@settings(max_examples=100, deadline=None)
@given(st.lists(st.builds(Block.at, MAKERS, PLACES), max_size=4))
def test_with_places_page_box_and_source_are_read_back_too(blocks: list[Block]) -> None:
    document = Document.of(blocks)
    assert tuple(blocks_of(markdown_of(document.blocks, places=True))) == document.blocks


@settings(max_examples=100, deadline=None)
@given(st.builds(Block.at, MAKERS, PLACES))
def test_a_row_of_the_column_is_the_block(block: Block) -> None:
    row = row_of_block(block)
    assert set(row) == {field.name for field in BLOCKS.value_type}
    assert block_of_row(row) == block


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab1. \n#-*+`$|:[]()^!\\<>\t", max_size=80))
def test_what_is_read_of_any_text_is_written_and_read_again_as_the_same(text: str) -> None:
    once = blocks_of(text)
    assert blocks_of(markdown_of(once)) == once


WRITTEN_BY_OTHERS = """Title of it
===========

A first *paragraph*
over two lines.

Year was
1986. It stays one paragraph.

* one
  goes on
    * deeper
* two

1. first

   more of first
2. second

```{.python}
    x = 1
```

a | b
:--|--:
1 \\| 2 | `c`

> quoted
> twice

![A cat](cat.png "its title")

[^1]: The note
    and more.

$$ E = mc^2 $$

***
<!-- nobody sees
this -->
Last ##
---
"""


def test_markdown_of_others_is_read_as_they_meant_it() -> None:
    assert blocks_of(WRITTEN_BY_OTHERS) == [
        make.heading("Title of it", 1),
        make.paragraph("A first *paragraph*\nover two lines."),
        make.paragraph("Year was\n1986. It stays one paragraph."),
        make.bullets([Item("one\ngoes on"), Item("deeper", 1), Item("two"), Item("first\nmore of first", 0, "1."), Item("second", 0, "2.")]),
        make.code("    x = 1", "python"),
        make.table([["a", "b"], ["1 | 2", "`c`"]]),
        make.paragraph("> quoted\n> twice"),
        make.figure("A cat", "cat.png"),
        make.footnote("1", "The note\nand more."),
        make.formula("E = mc^2"),
        make.heading("Last ##", 2),
    ]


@pytest.mark.parametrize("block", [make.heading("Sizes"), make.table([["a", "b"], ["1", ""]], header=False)], ids=["heading", "table"])
def test_a_block_without_a_place_says_nothing_of_it(block: Block) -> None:
    assert block.place == NOWHERE
    assert "place" not in markdown_of([block])


@pytest.mark.parametrize("piece", ["<!--", "- ", "    ", "|", "|-", "`", "$$", "![", "[^", "\\", "* * ", "# ", "1. ", "<!-- place {"])
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    """Every line is looked at a bounded number of times: 200 KB of a repeated mark, as lines and in one, are read at all within the time limit."""
    assert blocks_of(piece * (200_000 // len(piece))) is not None
    assert blocks_of((piece + "\n") * (200_000 // (len(piece) + 1))) is not None
