"""What is asked of a model that writes queries. Read like prose."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate


class SQLQueryPrompt(PromptTemplate[str]):
    """A new query on a database. `criteria` is null where any complexity is right; so are `about` and `selected` where nothing is said of them."""

    system = (
        "You write {{ engine }} queries that somebody who knows the data would really ask. Use only tables and columns that are there, join tables "
        "along their foreign keys, compare only with values that occur, and never sum or average ids or codes. {{ notes }} Answer with one query in "
        "a ```sql block and nothing else."
    )
    user = (
        "{{ schema }}\n\n"
        "Write a {{ engine }} query{% if criteria %} that {{ criteria }}{% endif %}."
        "{% if about %}\nIt has to read {{ about }}.{% endif %}"
        "{% if selected %}\nIt selects {{ selected }} column{{ 's' if selected > 1 else '' }}.{% endif %}"
        "{% if functions %}\nIf it fits, use {{ functions | join(' or ') }}.{% endif %}"
        "{% if values %}\nIf it compares with a value, take one of these, in its own column: {{ values | join('; ') }}.{% endif %}"
    )


class SQLVariationPrompt(PromptTemplate[str]):
    """A changed query. `change` is a sentence."""

    system = (
        "You change {{ engine }} queries in one direction that is named, so that another useful query comes out. Use only tables and columns that "
        "are there, and values that occur. Answer with the changed query in a ```sql block and nothing else."
    )
    user = "{{ schema }}\n\nThe query:\n```sql\n{{ sql }}\n```\n\n{{ change }}"
