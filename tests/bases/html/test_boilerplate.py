"""What is cut out of a page, against the rule written down as plainly as possible for a tree of elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from operators.bases.html.boilerplate import Boilerplate, without_repeated_blocks

Node: TypeAlias = "str | tuple[str, list[Node]]"

ALWAYS = ("nav", "aside", "footer")
FORMS = ("form", "dialog", "select", "button", "textarea")
BLOCKS = ("ul", "ol", "menu", "dl", "div", "section", "table", "p")


def trees() -> st.SearchStrategy[list[Node]]:
    text: st.SearchStrategy[Node] = st.sampled_from(["a", " bc ", "an entry", "the text of an article"])
    tags = st.sampled_from(("a", "a", "a", "span", "h1", "nav", "footer", "form", "button", "ul", "div", "div", "p"))
    return st.lists(st.recursive(text, lambda inner: st.tuples(tags, st.lists(inner, min_size=1, max_size=6)), max_leaves=30), max_size=6)


def texts(node: Node, linked: bool = False) -> Iterator[tuple[str, bool]]:
    """Each text of a tree, and whether it stands in a link."""
    if isinstance(node, str):
        yield node, linked
    else:
        for child in node[1]:
            yield from texts(child, linked or node[0] == "a")


def length(node: Node, linked: bool, inside: bool) -> int:
    return sum(len(text.strip()) for text, is_linked in texts(node, inside) if is_linked == linked)


def links(node: Node) -> int:
    return 0 if isinstance(node, str) else (node[0] == "a") + sum(map(links, node[1]))


def left(node: Node, cut_tags: tuple[str, ...], inside: bool = False) -> Node | None:
    """What is left of an element; None where it goes as a whole."""
    if isinstance(node, str):
        return node
    tag, inner = node
    if tag in cut_tags:
        return None
    inside = inside or tag == "a"
    kept = (tag, [child for child in (left(child, cut_tags, inside) for child in inner) if child is not None])
    rest = (tag, [child for child in (left(child, ALWAYS + FORMS, inside) for child in inner) if child is not None])
    linked, unlinked = (length(rest, is_linked, inside) for is_linked in (True, False))
    is_menu = tag in BLOCKS and links(rest) >= 3 and linked >= 0.8 * (linked + unlinked)
    return None if is_menu else kept


def plainly(page: list[Node]) -> list[str]:
    whole = sum(length(node, False, False) for node in page)
    for cut_tags, least in ((ALWAYS + FORMS, 0.3), (ALWAYS, 0.05)):
        kept = [one for one in (left(node, cut_tags) for node in page) if one is not None]
        if sum(length(node, False, False) for node in kept) > least * whole:
            return [text for node in kept for text, _ in texts(node)]
    return [text for node in page for text, _ in texts(node)]


def watched(page: list[Node]) -> tuple[list[str], set[str]]:
    watch, made = Boilerplate(), list[str]()

    def read(node: Node) -> None:
        if isinstance(node, str):
            made.append(node)
            watch.read(node)
            return
        watch.enter(node[0], len(made))
        for child in node[1]:
            read(child)
        watch.leave(node[0], len(made))

    for node in page:
        read(node)
    return watch.without(made), watch.linked_texts


@given(trees())
def test_navigation_forms_and_blocks_of_links_go_unless_little_is_left(page: list[Node]) -> None:
    kept, linked = watched(page)
    assert kept == plainly(page)
    assert linked == {text.strip() for node in page for text, is_linked in texts(node) if is_linked}


def test_what_is_cut_out_of_a_block_says_nothing_of_the_rest_of_it() -> None:
    menu: Node = ("ul", [("a", ["One"]), ("a", ["Two"]), ("a", ["Three"])])
    assert watched([("div", [menu, "Text, and ", ("a", ["a link"])])])[0] == ["Text, and ", "a link"]
    assert watched([("div", [("form", ["x" * 90]), ("a", ["One"]), ("a", ["Two"]), ("a", ["Three"])]), "Much text." * 90])[0] == ["Much text." * 90]


def repeated(blocks: list[str], linked: set[str]) -> set[int]:
    """The places of the blocks that go."""
    gone = set[int]()
    for at in range(len(blocks) - 2):
        run = blocks[at : at + 3]
        counts = any(block.removeprefix("- ").strip() in linked for block in run) or sum(map(len, run)) >= 500
        if counts and any(blocks[before : before + 3] == run for before in range(at)):
            gone |= {at, at + 1, at + 2}
    return gone


@given(st.lists(st.sampled_from(["a", "b", "- c", "long " * 60]), max_size=16), st.sets(st.sampled_from(["a", "b", "c"])))
def test_a_row_of_three_blocks_that_comes_a_second_time_goes(blocks: list[str], linked: set[str]) -> None:
    gone = repeated(blocks, linked) if len(blocks) >= 6 else set()
    left = [block for at, block in enumerate(blocks) if at not in gone]
    assert without_repeated_blocks("\n\n".join(blocks), linked) == "\n\n".join(left)
