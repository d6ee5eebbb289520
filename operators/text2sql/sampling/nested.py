"""Templates with queries inside queries, and set operations."""

from __future__ import annotations

from operators.text2sql.sampling.drawing import CannotDraw, Draws
from operators.text2sql.sampling.graph import Link
from operators.text2sql.sampling.joined import joined
from operators.text2sql.sampling.one_table import names, the
from operators.text2sql.sampling.template import Pair, template
from operators.text2sql.sampling.words import one as one_of


@template
def above_the_average(draws: Draws) -> Pair:
    node = draws.node("measure")
    measure = draws.column(node, "measure")
    shown = draws.shown(node, draws.random.choice((1, 1, 2)), but=[measure])
    sign, word = draws.random.choice(((">", "above"), ("<", "below")))
    inner = f"SELECT AVG({measure.name}) FROM {node.name}"
    if draws.random.random() < 0.3:
        condition = draws.condition(node, but=[measure, *shown], roles=("category", "date", "year"))
        ask = f"Show the {the(shown)} of the {node.nouns} {condition.words} and whose {measure.phrase} is {word} the average of all {node.nouns}."
        return f"SELECT {names(shown)} FROM {node.name} WHERE {condition.sql} AND {measure.name} {sign} ({inner})", ask
    ask = f"Show the {the(shown)} of the {node.nouns} whose {measure.phrase} is {word} the average {measure.phrase} of all {node.nouns}."
    return f"SELECT {names(shown)} FROM {node.name} WHERE {measure.name} {sign} ({inner})", ask


@template
def at_the_extreme(draws: Draws) -> Pair:
    node = draws.node("measure")
    measure = draws.column(node, "measure", "year")
    shown = draws.shown(node, draws.random.choice((1, 2)), but=[measure])
    function, word = draws.random.choice((("MAX", "highest"), ("MIN", "lowest")))
    ask = f"Show the {the(shown)} of every {node.noun} with the {word} {measure.phrase} of all; if several share it, show all of them."
    return f"SELECT {names(shown)} FROM {node.name} WHERE {measure.name} = (SELECT {function}({measure.name}) FROM {node.name})", ask


def _have(link: Link) -> str:
    return "have" if link.phrase == link.parent.noun else f"are the {link.phrase} of"


def _has_nulls(link: Link) -> bool:
    return any(column.has_nulls for column in link.child.columns if column.name == link.pairs[0][0])


@template
def parents_of_such_children(draws: Draws) -> Pair:
    link = draws.link()
    shown = draws.shown(link.parent, draws.random.choice((1, 1, 2)))
    condition = draws.condition(link.child)
    mine, theirs = link.pairs[0]
    if len(link.pairs) != 1:
        raise CannotDraw
    ask = f"Show the {the(shown)} of the {link.parent.nouns} that {_have(link)} at least one {link.child.noun} {condition.words}."
    return f"SELECT {names(shown)} FROM {link.parent.name} WHERE {theirs} IN (SELECT {mine} FROM {link.child.name} WHERE {condition.sql})", ask


@template
def parents_of_no_such_children(draws: Draws) -> Pair:
    link = draws.link()
    if len(link.pairs) != 1:
        raise CannotDraw
    shown = draws.shown(link.parent, draws.random.choice((1, 1, 2)))
    mine, theirs = link.pairs[0]
    condition = draws.condition(link.child)
    known = f"{mine} IS NOT NULL AND " if _has_nulls(link) else ""
    ask = f"Show the {the(shown)} of the {link.parent.nouns} that {_have(link)} no {link.child.noun} {condition.words}."
    sql = f"SELECT {names(shown)} FROM {link.parent.name} WHERE {theirs} NOT IN (SELECT {mine} FROM {link.child.name} WHERE {known}{condition.sql})"
    return sql, ask


@template
def parents_for_which_exists(draws: Draws) -> Pair:
    link = draws.link()
    shown = draws.shown(link.parent, draws.random.choice((1, 2)))
    condition = draws.condition(link.child, "T1.")
    no = draws.random.random() < 0.4
    inner = f"SELECT 1 FROM {link.child.name} AS T1 WHERE {link.on('T1', 'T2')} AND {condition.sql}"
    ask = f"Show the {the(shown)} of each {link.phrase} that has {'no' if no else 'at least one'} {link.child.noun} {condition.words}."
    return f"SELECT {names(shown, 'T2.')} FROM {link.parent.name} AS T2 WHERE {'NOT ' if no else ''}EXISTS ({inner})", ask


@template
def above_the_average_of_its_group(draws: Draws) -> Pair:
    node = draws.node("measure", "category")
    measure, by = draws.column(node, "measure"), draws.column(node, "category", full=True)
    shown = draws.shown(node, draws.random.choice((1, 1, 2)), but=[measure, by])
    sign, word = draws.random.choice(((">", "greater"), ("<", "less")))
    inner = f"SELECT AVG(T2.{measure.name}) FROM {node.name} AS T2 WHERE T2.{by.name} = T1.{by.name}"
    average = f"average {measure.phrase} of the {node.nouns} with the same {by.phrase}"
    ask = f"Show the {the(shown)} of the {node.nouns} whose {measure.phrase} is {word} than the {average}."
    return f"SELECT {names(shown, 'T1.')} FROM {node.name} AS T1 WHERE T1.{measure.name} {sign} ({inner})", ask


@template
def in_both_groups(draws: Draws) -> Pair:
    node = draws.node("category")
    shown = draws.column(node, "category", "label", full=True)
    first = draws.condition(node, but=[shown], roles=("category", "measure", "year", "date"))
    second = draws.condition(node, but=[shown], roles=("category", "measure", "year", "date"))
    if first.sql.split()[0] == second.sql.split()[0] and not (" = " in first.sql and " = " in second.sql and first.sql != second.sql):
        raise CannotDraw  # what is said of one column twice is easily always true, or never
    kind = draws.random.choice(("INTERSECT", "EXCEPT", "UNION"))
    words = {
        "INTERSECT": f"Which {shown.phrase} occurs both among the {node.nouns} {first.words} and among the {node.nouns} {second.words}?",
        "EXCEPT": f"Which {shown.phrase} occurs among the {node.nouns} {first.words}, but not among the {node.nouns} {second.words}?",
        "UNION": f"List every {shown.phrase} that occurs among the {node.nouns} {first.words} or among the {node.nouns} {second.words}, each once.",
    }
    start = f"SELECT {shown.name} FROM {node.name} WHERE"
    return f"{start} {first.sql} {kind} {start} {second.sql}", words[kind]


@template
def children_of_both_kinds(draws: Draws) -> Pair:
    link = draws.link()
    label = draws.label(link.parent)
    first, second = draws.condition(link.child, "T1."), draws.condition(link.child, "T1.")
    if first.sql == second.sql:
        raise CannotDraw
    kind = draws.random.choice(("INTERSECT", "EXCEPT"))
    start = f"SELECT T2.{label.name} FROM {joined(link)} WHERE"
    if kind == "EXCEPT":
        ask = (
            f"List each {label.phrase} of {one_of(link.phrase)} that has {one_of(link.child.noun)} {first.words},"
            f" without every {label.phrase} of {one_of(link.phrase)} that has {one_of(link.child.noun)} {second.words}."
        )
    else:
        of_one, of_other = f"{one_of(link.child.noun)} {first.words}", f"{one_of(link.child.noun)} {second.words}"
        ask = f"Which {label.phrase} of {one_of(link.phrase)} occurs with {of_one}, and also with {of_other}?"
    return f"{start} {first.sql} {kind} {start} {second.sql}", ask


@template
def above_the_average_of_parents(draws: Draws) -> Pair:
    """A query of groups, in FROM."""
    link = draws.link(labelled=False)
    mine = link.pairs[0][0]
    if len(link.pairs) != 1:
        raise CannotDraw
    ask = f"How many {link.child.nouns} does {one_of(link.phrase)} have on average, counting only {one_of(link.phrase)} that has at least one?"
    known = f" WHERE {mine} IS NOT NULL" if _has_nulls(link) else ""
    inner = f"SELECT {mine}, COUNT(*) AS how_many FROM {link.child.name}{known} GROUP BY {mine}"
    return f"SELECT AVG(how_many) FROM ({inner}) AS counted", ask
