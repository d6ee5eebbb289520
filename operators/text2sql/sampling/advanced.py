"""Templates with common table expressions and windows."""

from __future__ import annotations

from operators.text2sql.sampling.drawing import CannotDraw, Draws
from operators.text2sql.sampling.joined import grouping, joined
from operators.text2sql.sampling.one_table import aggregate, names, said_of, summed, varied
from operators.text2sql.sampling.template import Pair, template
from operators.text2sql.sampling.words import counted
from operators.text2sql.sampling.words import one as one_of


@template
def groups_above_average(draws: Draws) -> Pair:
    node = draws.node("category", "measure")
    by, measure = draws.column(node, "category", full=True), summed(draws, node)
    table = f"WITH grouped AS (SELECT {by.name}, SUM({measure.name}) AS total_of_it FROM {node.name} GROUP BY {by.name})"
    ask = (
        f"Take the {said_of('SUM', 'total', measure)} of the {node.nouns} of each {by.phrase}. Which {by.phrase} has one above the average of these?"
    )
    with_it = draws.random.random() < 0.5
    select = f"{by.name}, total_of_it" if with_it else by.name
    return f"{table} SELECT {select} FROM grouped WHERE total_of_it > (SELECT AVG(total_of_it) FROM grouped)", ask + (
        " Show both." if with_it else ""
    )


@template
def parents_above_average(draws: Draws) -> Pair:
    link = draws.link()
    label = draws.label(link.parent)
    table = f"WITH counts AS (SELECT T2.{label.name} AS label_of_it, COUNT(*) AS how_many FROM {joined(link)} GROUP BY {grouping(link)})"
    ask = (
        f"Show the {label.phrase} and the number of {link.child.nouns} of each {link.phrase} that has more {link.child.nouns}"
        f" than {one_of(link.phrase)} with at least one has on average."
    )
    return f"{table} SELECT label_of_it, how_many FROM counts WHERE how_many > (SELECT AVG(how_many) FROM counts)", ask


@template
def most_per_group(draws: Draws) -> Pair:
    node = draws.node("category", "measure")
    by, measure = draws.column(node, "category", full=True), varied(draws, node)
    shown = draws.shown(node, 1, but=[by, measure])
    count = draws.random.choice((1, 1, 2, 3))
    word, down = draws.random.choice((("highest", "DESC"), ("lowest", "ASC")))
    place = f"ROW_NUMBER() OVER (PARTITION BY {by.name} ORDER BY {measure.name} {down})"
    ranked = f"WITH ranked AS (SELECT {names([*shown, by, measure])}, {place} AS place_of_it FROM {node.name})"
    where = "= 1" if count == 1 else f"<= {count}"
    which = f"{counted(count, node.noun)} with the {word} {measure.phrase}"
    ask = f"For each {by.phrase}, show it with the {shown[0].phrase} and the {measure.phrase} of the {which}."
    return f"{ranked} SELECT {names([by, *shown, measure])} FROM ranked WHERE place_of_it {where}", ask


@template
def ranked_rows(draws: Draws) -> Pair:
    node = draws.node("measure")
    measure = varied(draws, node)
    shown = draws.shown(node, 1, but=[measure])
    condition = draws.condition(node, but=[measure, *shown], roles=("category", "date", "year"))
    rank = f"RANK() OVER (ORDER BY {measure.name} DESC) AS rank_of_it"
    ask = f"Show the {shown[0].phrase} of each {node.noun} {condition.words}, with its rank among them by {measure.phrase}, the highest being 1."
    return f"SELECT {names(shown)}, {rank} FROM {node.name} WHERE {condition.sql}", ask


@template
def difference_from_its_group(draws: Draws) -> Pair:
    node = draws.node("category", "measure")
    by, measure = draws.column(node, "category", full=True), draws.column(node, "measure", full=True)
    shown = draws.shown(node, 1, but=[by, measure])
    average = f"{measure.name} - AVG({measure.name}) OVER (PARTITION BY {by.name})"
    ask = (
        f"Show the {shown[0].phrase} of every {node.noun}, and its {measure.phrase}"
        f" minus the average {measure.phrase} of the {node.nouns} with the same {by.phrase}."
    )
    return f"SELECT {names(shown)}, {average} AS difference_of_it FROM {node.name}", ask


@template
def running_total(draws: Draws) -> Pair:
    node = draws.node("date", "measure")
    day, measure = draws.column(node, "date", full=True), summed(draws, node)
    year = f"STRFTIME('%Y', {day.name})"
    table = f"WITH yearly AS (SELECT {year} AS year_of_it, SUM({measure.name}) AS total_of_it FROM {node.name} GROUP BY {year})"
    ask = f"For each year of the {day.phrase}, show the {said_of('SUM', 'total', measure)} of the {node.nouns} up to and including that year."
    return f"{table} SELECT year_of_it, SUM(total_of_it) OVER (ORDER BY year_of_it) AS total_so_far FROM yearly", ask


@template
def share_of_the_total(draws: Draws) -> Pair:
    node = draws.node("category", "measure")
    by, measure = draws.column(node, "category", full=True), summed(draws, node)
    share = f"100.0 * SUM({measure.name}) / (SELECT SUM({measure.name}) FROM {node.name})"
    ask = f"What percentage of the {said_of('SUM', 'total', measure)} of all {node.nouns} does each {by.phrase} have?"
    return f"SELECT {by.name}, {share} AS share_of_it FROM {node.name} GROUP BY {by.name}", ask


@template
def parents_by_aggregate_and_count(draws: Draws) -> Pair:
    link = draws.link(child=("measure",))
    label = draws.label(link.parent)
    measure = draws.column(link.child, "measure")
    sql, said = aggregate(draws, measure, "T1.")
    condition = draws.condition(link.child, "T1.", but=[measure], roles=("category", "date", "year"))
    count = draws.random.choice((1, 2, 3))
    least = f"at least {counted(count, link.child.noun)}" if count > 1 else f"at least one {link.child.noun}"
    ask = (
        f"Consider only the {link.child.nouns} {condition.words}. For each {link.phrase} with {least} of them,"
        f" show its {label.phrase} and the {said} of them, from the highest value to the lowest."
    )
    end = f"GROUP BY {grouping(link)} HAVING COUNT(*) >= {count} ORDER BY {sql} DESC"
    return f"SELECT T2.{label.name}, {sql} FROM {joined(link)} WHERE {condition.sql} {end}", ask


@template
def two_groups_compared(draws: Draws) -> Pair:
    node = draws.node("category", "measure")
    by, measure = draws.column(node, "category", full=True), draws.column(node, "measure", full=True)
    values = [value for value in by.values if isinstance(value, str)]
    if len(values) < 2:
        raise CannotDraw
    one, other = draws.random.sample(values[:6], 2)
    average = f"AVG(CASE WHEN {by.name} = '{{}}' THEN {measure.name} END)"
    sql = f"SELECT {average.format(_text(one))} - {average.format(_text(other))} AS difference_of_it FROM {node.name}"
    of_one, of_other = f'{node.nouns} whose {by.phrase} is "{one}"', f'those whose {by.phrase} is "{other}"'
    ask = f"By how much is the average {measure.phrase} of the {of_one} greater than that of {of_other}?"
    return sql, ask


def _text(value: str) -> str:
    return value.replace("'", "''")
