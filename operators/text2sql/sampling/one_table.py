"""Templates that ask of one table: rows, counts, aggregates, groups, the first of an order."""

from __future__ import annotations

import re

from operators.text2sql.sampling.drawing import CannotDraw, Draws
from operators.text2sql.sampling.graph import Asked, Node
from operators.text2sql.sampling.template import Pair, only, template
from operators.text2sql.sampling.words import counted, listed, more_than, one

AGGREGATES = (("AVG", "average"), ("SUM", "total"), ("MAX", "highest"), ("MIN", "lowest"))


def the(columns: list[Asked]) -> str:
    return listed([column.phrase for column in columns])


def names(columns: list[Asked], prefix: str = "") -> str:
    return ", ".join(prefix + column.name for column in columns)


_NOT_SUMMED = re.compile(r"age|rate|ratio|percent|average|avg|score|rating|height|weight|price|temperature|speed|grade|gpa|rank|level", re.IGNORECASE)


def aggregate(draws: Draws, column: Asked, prefix: str = "", extremes: bool = True) -> tuple[str, str]:
    """(SQL, words). Ages, rates and prices have an average, but no sum. `extremes`: whether it may be the highest or the lowest."""
    sums = not _NOT_SUMMED.search(column.phrase)
    weights = (4, 3 if sums else 0, 2 if extremes else 0, 2 if extremes else 0)
    function, word = draws.random.choices(AGGREGATES, weights)[0]
    return f"{function}({prefix}{column.name})", said_of(function, word, column)


def said_of(function: str, word: str, column: Asked) -> str:
    """The total of something that is itself called a total is its sum."""
    return f"sum of the {column.phrase}" if function == "SUM" and re.search("total|number|count|sum", column.phrase) else f"{word} {column.phrase}"


def of_all(draws: Draws, node: Node) -> str:
    return draws.random.choice((f"all {node.nouns}", node.nouns, f"the {node.nouns}"))


@template
def rows_where(draws: Draws) -> Pair:
    node = draws.node()
    shown = draws.shown(node, draws.random.choice((1, 1, 2, 3)))
    condition = draws.condition(node, but=shown)
    ask = draws.random.choice(
        (f"Show the {the(shown)} of the {node.nouns} {condition.words}.", f"What is the {the(shown)} of each {node.noun} {condition.words}?")
    )
    return f"SELECT {names(shown)} FROM {node.name} WHERE {condition.sql}", ask


@template
def rows_where_two(draws: Draws) -> Pair:
    node = draws.node()
    shown = draws.shown(node, draws.random.choice((1, 2)))
    first_column = draws.column(node, "category", "measure", "year", "date", but=shown)
    second_column = draws.column(node, "category", "measure", "year", "date", "label", but=[*shown, first_column])
    first, second = draws.condition_on(first_column), draws.condition_on(second_column)
    word = draws.random.choice(("AND", "AND", "OR"))
    where = f"{first.words} {word.lower()} {second.words}"
    return f"SELECT {names(shown)} FROM {node.name} WHERE {first.sql} {word} {second.sql}", f"Show the {the(shown)} of the {node.nouns} {where}."


@template
def how_many(draws: Draws) -> Pair:
    node = draws.node()
    condition = draws.condition(node)
    ask = draws.random.choice((f"How many {node.nouns} are there {condition.words}?", f"Count the {node.nouns} {condition.words}."))
    return f"SELECT COUNT(*) FROM {node.name} WHERE {condition.sql}", ask


@template
def different_values(draws: Draws) -> Pair:
    node = draws.node("category")
    column = draws.column(node, "category", full=True)
    if draws.random.random() < 0.5:
        return f"SELECT COUNT(DISTINCT {column.name}) FROM {node.name}", f"How many different values of {column.phrase} do the {node.nouns} have?"
    return f"SELECT DISTINCT {column.name} FROM {node.name}", f"List each different {column.phrase} of the {node.nouns} once."


@template
def one_aggregate(draws: Draws) -> Pair:
    node = draws.node("measure")
    measure = draws.column(node, "measure")
    sql, said = aggregate(draws, measure)
    if draws.random.random() < 0.6:
        condition = draws.condition(node, but=[measure], roles=("category", "label", "date", "year"))
        return f"SELECT {sql} FROM {node.name} WHERE {condition.sql}", f"What is the {said} of the {node.nouns} {condition.words}?"
    return f"SELECT {sql} FROM {node.name}", f"What is the {said} of {of_all(draws, node)}?"


@template
def several_aggregates(draws: Draws) -> Pair:
    node = draws.node("measure")
    measure = draws.column(node, "measure")
    usual = [pair for pair in AGGREGATES if pair[0] != "SUM"]
    functions = draws.random.sample(usual, draws.random.choice((2, 3)))
    select = ", ".join(f"{function}({measure.name})" for function, _ in functions)
    said = listed([f"the {word}" for _, word in functions])
    if draws.random.random() < 0.5:
        condition = draws.condition(node, but=[measure], roles=("category", "year", "date"))
        return f"SELECT {select} FROM {node.name} WHERE {condition.sql}", f"What are {said} {measure.phrase} of the {node.nouns} {condition.words}?"
    return f"SELECT {select} FROM {node.name}", f"What are {said} {measure.phrase} of all {node.nouns}?"


@template
def in_order(draws: Draws) -> Pair:
    node = draws.node("measure")
    by = draws.column(node, "measure", "year", full=True)
    shown = draws.shown(node, draws.random.choice((1, 1, 2)), but=[by])
    down = draws.random.random() < 0.5
    order = f"ORDER BY {by.name} {'DESC' if down else 'ASC'}"
    said = f"from the highest to the lowest {by.phrase}" if down else f"from the lowest to the highest {by.phrase}"
    if draws.random.random() < 0.5:
        condition = draws.condition(node, but=[*shown, by], roles=("category", "date", "label"))
        ask = f"Show the {the(shown)} of the {node.nouns} {condition.words}, {said}."
        return f"SELECT {names(shown)} FROM {node.name} WHERE {condition.sql} {order}", ask
    return f"SELECT {names(shown)} FROM {node.name} {order}", f"Show the {the(shown)} of all {node.nouns}, {said}."


@template
def first_rows(draws: Draws) -> Pair:
    node = draws.node("measure")
    by = varied(draws, node)
    shown = draws.shown(node, draws.random.choice((1, 2)), but=[by])
    count = draws.random.choice((1, 3, 5, 10))
    down = draws.random.random() < 0.65
    which = f"{counted(count, node.noun)} with the {'highest' if down else 'lowest'} {by.phrase}"
    sql = f"ORDER BY {by.name} {'DESC' if down else 'ASC'} LIMIT {count}"
    if draws.random.random() < 0.4:
        condition = draws.condition(node, but=[*shown, by], roles=("category", "date"))
        ask = f"Among the {node.nouns} {condition.words}, show the {the(shown)} of the {which}."
        return f"SELECT {names(shown)} FROM {node.name} WHERE {condition.sql} {sql}", ask
    return f"SELECT {names(shown)} FROM {node.name} {sql}", f"Show the {the(shown)} of the {which}."


def varied(draws: Draws, node: Node) -> Asked:
    """A quantity that seldom has the same value twice, so that there is a first of an order."""
    fitting = [
        one
        for one in node.of("measure")
        if not one.has_nulls and one.column.statistics and one.column.statistics.distinct >= 0.5 * one.column.statistics.rows
    ]
    return draws.one_of(fitting, lambda column: (node.table.name, column.column.name))


def summed(draws: Draws, node: Node) -> Asked:
    """A quantity of which a sum means something."""
    fitting = [one for one in node.of("measure") if not _NOT_SUMMED.search(one.phrase)]
    return draws.one_of(fitting, lambda column: (node.table.name, column.column.name))


@template
def groups_counted(draws: Draws) -> Pair:
    node = draws.node("category")
    by = draws.column(node, "category", full=True)
    if draws.random.random() < 0.4:
        condition = draws.condition(node, but=[by], roles=("measure", "date", "year", "category"))
        ask = f"Among the {node.nouns} {condition.words}, show each {by.phrase} that occurs and the number of {node.nouns}."
        return f"SELECT {by.name}, COUNT(*) FROM {node.name} WHERE {condition.sql} GROUP BY {by.name}", ask
    return f"SELECT {by.name}, COUNT(*) FROM {node.name} GROUP BY {by.name}", f"For each {by.phrase}, show it and the number of {node.nouns}."


@template
def groups_aggregated(draws: Draws) -> Pair:
    node = draws.node("category", "measure")
    by, measure = draws.column(node, "category", full=True), draws.column(node, "measure")
    sql, said = aggregate(draws, measure)
    if draws.random.random() < 0.5:
        ask = f"Show each {by.phrase} with the {said} of its {node.nouns}, from the highest value to the lowest."
        return f"SELECT {by.name}, {sql} FROM {node.name} GROUP BY {by.name} ORDER BY {sql} DESC", ask
    return f"SELECT {by.name}, {sql} FROM {node.name} GROUP BY {by.name}", f"What is the {said} of the {node.nouns} for each {by.phrase}?"


@template
def groups_having(draws: Draws) -> Pair:
    node = draws.node("category")
    by = draws.column(node, "category", full=True)
    count = _usual_count(draws, by)
    if draws.random.random() < 0.5 and node.of("measure"):
        sql, said = aggregate(draws, draws.column(node, "measure"))
        ask = f"For each {by.phrase} that has {more_than(count, node.noun)}, show it and the {said} of these {node.nouns}."
        return f"SELECT {by.name}, {sql} FROM {node.name} GROUP BY {by.name} HAVING COUNT(*) > {count}", ask
    return (
        f"SELECT {by.name} FROM {node.name} GROUP BY {by.name} HAVING COUNT(*) > {count}",
        f"List each {by.phrase} that {more_than(count, node.noun)} {'has' if count == 1 else 'have'}.",
    )


def _usual_count(draws: Draws, by: Asked) -> int:
    counts = sorted(count for _, count in by.column.statistics.frequent) if by.column.statistics else []
    if not counts:
        raise CannotDraw
    return max(1, draws.random.choice(counts[: max(1, len(counts) - 1)]) - 1)


@template
def most_frequent(draws: Draws) -> Pair:
    node = draws.node("category")
    by = draws.column(node, "category", full=True)
    most = draws.random.random() < 0.7
    order = f"GROUP BY {by.name} ORDER BY COUNT(*) {'DESC' if most else 'ASC'} LIMIT 1"
    word = "most" if most else "fewest"
    if draws.random.random() < 0.5:
        return f"SELECT {by.name}, COUNT(*) FROM {node.name} {order}", f"Which {by.phrase} do the {word} {node.nouns} have, and how many are they?"
    return f"SELECT {by.name} FROM {node.name} {order}", f"Which {by.phrase} do the {word} {node.nouns} have?"


@template
def per_year(draws: Draws) -> Pair:
    node = draws.node("date")
    day = draws.column(node, "date", full=True)
    year = f"STRFTIME('%Y', {day.name})"
    if node.of("measure") and draws.random.random() < 0.6:
        sql, said = aggregate(draws, draws.column(node, "measure"))
        ask = f"What is the {said} of the {node.nouns} for each year of their {day.phrase}?"
        return f"SELECT {year} AS year_of_it, {sql} FROM {node.name} GROUP BY {year}", ask
    ask = f"How many {node.nouns} are there for each year of their {day.phrase}? Show the year and the number, in the order of the years."
    return f"SELECT {year} AS year_of_it, COUNT(*) FROM {node.name} GROUP BY {year} ORDER BY {year}", ask


@template
def missing_values(draws: Draws) -> Pair:
    missing = [(node, column) for node in draws.graph.nodes for column in node.columns if column.has_nulls and column.role not in ("other", "key")]
    node, column = draws.one_of(missing, lambda pair: (pair[0].table.name, pair[1].column.name))
    kind = draws.random.random()
    if kind < 0.4 or node.label is None or node.label is column:
        return f"SELECT COUNT(*) FROM {node.name} WHERE {column.name} IS NULL", f"Of how many {node.nouns} is the {column.phrase} not known?"
    label = node.label
    if kind < 0.7 or column.column.type_class != "text":
        ask = f"Show the {label.phrase} of the {node.nouns} without a known {column.phrase}."
        return f"SELECT {label.name} FROM {node.name} WHERE {column.name} IS NULL", ask
    ask = f'Show the {label.phrase} and the {column.phrase} of all {node.nouns}, with "unknown" where the {column.phrase} is missing.'
    return f"SELECT {label.name}, COALESCE({column.name}, 'unknown') FROM {node.name}", ask


@template
def in_classes(draws: Draws) -> Pair:
    node = draws.node("measure")
    measure = draws.column(node, "measure", full=True)
    condition = draws.condition_on(measure)
    if ">" not in condition.sql or ">=" in condition.sql:
        raise CannotDraw
    bound = condition.sql.rpartition(" ")[2]
    case = f"CASE WHEN {condition.sql} THEN 'high' ELSE 'low' END"
    classes = f'"high" if its {measure.phrase} is greater than {bound}, and "low" otherwise'
    ask = f"Call {one(node.noun)} {classes}. How many {node.nouns} are of each class?"
    return f"SELECT {case} AS class_of_it, COUNT(*) FROM {node.name} GROUP BY {case}", ask


@template
def share_of_rows(draws: Draws) -> Pair:
    node = draws.node()
    condition = draws.condition(node, roles=("category", "measure", "year", "date"))
    ask = f"What percentage of all {node.nouns} are those {condition.words}?"
    return f"SELECT 100.0 * SUM(CASE WHEN {condition.sql} THEN 1 ELSE 0 END) / COUNT(*) FROM {node.name}", ask


@only("duckdb")
def nearest_vectors(draws: Draws) -> Pair:
    node = draws.node("vector")
    vector = draws.column(node, "vector")
    label, key = draws.label(node), node.key
    if not key or not label.values:
        raise CannotDraw
    text = draws.random.choice([value for value in label.values if isinstance(value, str)])
    count = draws.random.choice((1, 3, 5))
    quoted = text.replace("'", "''")
    target = f"(SELECT {vector.name} FROM {node.name} WHERE {label.name} = '{quoted}' ORDER BY {key} LIMIT 1)"
    which = f'{counted(count, node.noun)} whose {vector.phrase} is nearest to that of "{text}"'
    ask = f"Show the {label.phrase} of the {which}, leaving out that {node.noun} itself."
    order = f"ORDER BY ARRAY_DISTANCE({vector.name}, {target}) LIMIT {count}"
    return f"SELECT {label.name} FROM {node.name} WHERE {label.name} <> '{quoted}' {order}", ask
