"""Templates that join tables along their keys."""

from __future__ import annotations

from operators.text2sql.sampling.drawing import CannotDraw, Draws
from operators.text2sql.sampling.graph import Link
from operators.text2sql.sampling.one_table import aggregate, names, the, varied
from operators.text2sql.sampling.template import Pair, template
from operators.text2sql.sampling.words import counted, more_than
from operators.text2sql.sampling.words import one as one_of


def joined(link: Link, left: bool = False) -> str:
    """The child as T1 with its parent as T2."""
    return f"{link.child.name} AS T1 {'LEFT ' if left else ''}JOIN {link.parent.name} AS T2 ON {link.on('T1', 'T2')}"


def grouping(link: Link) -> str:
    """What tells the parents apart, with the columns that are shown: a name alone may be that of two."""
    label = link.parent.label
    if label is None or not link.parent.key:
        raise CannotDraw
    return f"T2.{link.parent.key}, T2.{label.name}"


@template
def rows_of_a_parent(draws: Draws) -> Pair:
    link = draws.link(labelled=False)
    shown = draws.shown(link.child, draws.random.choice((1, 1, 2)))
    condition = draws.condition(link.parent, "T2.")
    ask = f"Show the {the(shown)} of the {link.child.nouns} that belong to {one_of(link.phrase)} {condition.words}."
    return f"SELECT {names(shown, 'T1.')} FROM {joined(link)} WHERE {condition.sql}", ask


@template
def rows_with_their_parent(draws: Draws) -> Pair:
    link = draws.link()
    shown = draws.shown(link.child, draws.random.choice((1, 2)))
    label = draws.label(link.parent)
    condition = draws.condition(link.child, "T1.", but=shown)
    ask = f"For the {link.child.nouns} {condition.words}, show the {the(shown)} and the {label.phrase} of their {link.phrase}."
    return f"SELECT {names(shown, 'T1.')}, T2.{label.name} FROM {joined(link)} WHERE {condition.sql}", ask


@template
def aggregate_of_a_parent(draws: Draws) -> Pair:
    link = draws.link(labelled=False)
    condition = draws.condition(link.parent, "T2.")
    if link.child.of("measure") and draws.random.random() < 0.6:
        sql, said = aggregate(draws, draws.column(link.child, "measure"), "T1.")
        ask = f"What is the {said} of the {link.child.nouns} that belong to {one_of(link.phrase)} {condition.words}?"
        return f"SELECT {sql} FROM {joined(link)} WHERE {condition.sql}", ask
    ask = f"How many {link.child.nouns} belong to {one_of(link.phrase)} {condition.words}?"
    return f"SELECT COUNT(*) FROM {joined(link)} WHERE {condition.sql}", ask


@template
def children_per_parent(draws: Draws) -> Pair:
    link = draws.link()
    label = draws.label(link.parent)
    start = f"SELECT T2.{label.name}, COUNT(*) FROM {joined(link)} "
    if draws.random.random() < 0.4:
        condition = draws.condition(link.child, "T1.")
        ask = f"For each {link.phrase} with such {link.child.nouns}, show its {label.phrase} and the number of {link.child.nouns} {condition.words}."
        return f"{start}WHERE {condition.sql} GROUP BY {grouping(link)}", ask
    if draws.random.random() < 0.5:
        condition = draws.condition(link.parent, "T2.", but=[label])
        ask = (
            f"For each {link.phrase} {condition.words} that has {link.child.nouns}, show its {label.phrase} and the number of its {link.child.nouns}."
        )
        return f"{start}WHERE {condition.sql} GROUP BY {grouping(link)}", ask
    ask = f"Show the {label.phrase} of each {link.phrase} that has {link.child.nouns}, and how many {link.child.nouns} it has."
    return f"{start}GROUP BY {grouping(link)}", ask


@template
def parents_with_the_most(draws: Draws) -> Pair:
    link = draws.link()
    label = draws.label(link.parent)
    count = draws.random.choice((1, 3, 5))
    if link.child.of("measure") and draws.random.random() < 0.5:
        sql, said = aggregate(draws, draws.column(link.child, "measure"), "T1.", extremes=False)
    else:
        sql, said = "COUNT(*)", f"number of {link.child.nouns}"
    which = f"{counted(count, link.phrase)} with the highest {said}"
    of_what = "" if sql == "COUNT(*)" else f" of their {link.child.nouns}" if count > 1 else f" of its {link.child.nouns}"
    with_it = draws.random.random() < 0.5
    select = f"T2.{label.name}, {sql}" if with_it else f"T2.{label.name}"
    ask = f"Show the {label.phrase} of the {which}{of_what}" + (f", and this {said}." if with_it else ".")
    return f"SELECT {select} FROM {joined(link)} GROUP BY {grouping(link)} ORDER BY {sql} DESC LIMIT {count}", ask


@template
def parents_having(draws: Draws) -> Pair:
    link = draws.link()
    label = draws.label(link.parent)
    count = draws.random.choice((1, 1, 2, 3, 5, 10))
    ordered = draws.random.random() < 0.5
    start = f"SELECT T2.{label.name}, COUNT(*) FROM {joined(link)}"
    end = f"GROUP BY {grouping(link)} HAVING COUNT(*) > {count}" + (" ORDER BY COUNT(*) DESC" if ordered else "")
    said = ", those with the most first" if ordered else ""
    which = more_than(count, link.child.noun)
    if draws.random.random() < 0.5:
        condition = draws.condition(link.child, "T1.", roles=("category", "measure", "date", "year"))
        which = f"{which} {condition.words}"
        ask = f"Which {link.phrase} has {which}? Show the {label.phrase} and the number of these {link.child.nouns}{said}."
        return f"{start} WHERE {condition.sql} {end}", ask
    return f"{start} {end}", f"Show the {label.phrase} of each {link.phrase} that has {which}, with the number of its {link.child.nouns}{said}."


@template
def first_rows_with_their_parent(draws: Draws) -> Pair:
    link = draws.link(child=("measure",))
    by = varied(draws, link.child)
    label, shown = draws.label(link.parent), draws.shown(link.child, 1, but=[by])
    count = draws.random.choice((1, 3, 5))
    down = draws.random.random() < 0.65
    which = f"{counted(count, link.child.noun)} with the {'highest' if down else 'lowest'} {by.phrase}"
    order = f"ORDER BY T1.{by.name} {'DESC' if down else 'ASC'} LIMIT {count}"
    return (
        f"SELECT {names(shown, 'T1.')}, T2.{label.name} FROM {joined(link)} {order}",
        f"Show the {the(shown)} of the {which}, and the {label.phrase} of {'its' if count == 1 else 'their'} {link.phrase}.",
    )


def _two_links(draws: Draws) -> tuple[Link, Link]:
    """A child, its parent, and the parent of that."""
    pairs = [(one, two) for one in draws.graph.links for two in draws.graph.by_child.get(one.parent.table.name, []) if two.parent is not one.child]
    return draws.one_of(pairs, lambda pair: (pair[0].child.table.name, pair[1].phrase))


@template
def rows_of_a_grandparent(draws: Draws) -> Pair:
    one, two = _two_links(draws)
    shown = draws.shown(one.child, draws.random.choice((1, 2)))
    condition = draws.condition(two.parent, "T3.")
    source = f"{joined(one)} JOIN {two.parent.name} AS T3 ON {two.on('T2', 'T3')}"
    ask = f"Show the {the(shown)} of the {one.child.nouns} whose {one.phrase} belongs to {one_of(two.phrase)} {condition.words}."
    return f"SELECT {names(shown, 'T1.')} FROM {source} WHERE {condition.sql}", ask


@template
def children_per_grandparent(draws: Draws) -> Pair:
    one, two = _two_links(draws)
    label = draws.label(two.parent)
    if not two.parent.key:
        raise CannotDraw
    source = f"{joined(one)} JOIN {two.parent.name} AS T3 ON {two.on('T2', 'T3')}"
    if one.child.of("measure") and draws.random.random() < 0.5:
        sql, said = aggregate(draws, draws.column(one.child, "measure"), "T1.", extremes=False)
        said = f"{said} of the {one.child.nouns}"
    else:
        sql, said = "COUNT(*)", f"number of {one.child.nouns}"
    belong = f"By their {one.phrase}, {one.child.nouns} belong to {one_of(two.phrase)}."
    group = f"GROUP BY T3.{two.parent.key}, T3.{label.name}"
    if draws.random.random() < 0.5:
        count = draws.random.choice((1, 3, 5))
        ask = f"{belong} Show the {label.phrase} of the {counted(count, two.phrase)} with the highest {said}."
        return f"SELECT T3.{label.name} FROM {source} {group} ORDER BY {sql} DESC LIMIT {count}", ask
    ask = f"{belong} For each {two.phrase} that has some, show its {label.phrase} and the {said}."
    return f"SELECT T3.{label.name}, {sql} FROM {source} {group}", ask


@template
def parents_without_children(draws: Draws) -> Pair:
    link = draws.link()
    label = draws.label(link.parent)
    child_key = link.pairs[0][0]
    source = f"{link.parent.name} AS T2 LEFT JOIN {link.child.name} AS T1 ON {link.on('T1', 'T2')}"
    if draws.random.random() < 0.5:
        ask = f"Show the {label.phrase} of each {link.phrase} that has no {link.child.noun}."
        return f"SELECT T2.{label.name} FROM {source} WHERE T1.{child_key} IS NULL", ask
    ask = f"Show the {label.phrase} of every {link.phrase}, and how many {link.child.nouns} it has, 0 where it has none."
    return f"SELECT T2.{label.name}, COUNT(T1.{child_key}) FROM {source} GROUP BY {grouping(link)}", ask
