"""What a model is asked, and is trained to answer. Read like prose."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate

ANSWER_PROMPT = (
    "{{ schema }}\n\n{% if evidence %}What one has to know: {{ evidence }}\n{% endif %}Question: {{ question }}\n\n"
    "Answer with one {{ engine }} query in a ```sql block. Select exactly what is asked for, in the order in which it is asked for."
)
"""The question of training and evaluation: the tables, the evidence before the question, and the form of the answer."""


class AnswerPrompt(PromptTemplate[str]):
    """A query for a question. `prompt_text` is null, or the whole of what is to be asked."""

    system = (
        "You answer questions about a {{ engine }} database with one query. You use only tables and columns that are there, each of the table that "
        "has it, and join along foreign keys. {{ notes }}"
    )
    user = "{% if prompt_text %}{{ prompt_text }}{% else %}" + ANSWER_PROMPT + "{% endif %}"


class ReasoningPrompt(PromptTemplate[str]):
    """Steps that lead to a query. `gold` is null where the right query is not to be shown."""

    system = (
        "You answer questions about a {{ engine }} database step by step. Say first what is asked for; then which tables and columns hold it and how "
        "the tables are joined; then which conditions, groups and order follow from the question. Be short: one sentence a step. End with one "
        "{{ engine }} query in a ```sql block, which selects exactly what is asked for, and write nothing after it. {{ notes }}"
    )
    user = (
        "{{ schema }}\n\n{% if evidence %}What one has to know: {{ evidence }}\n{% endif %}Question: {{ question }}"
        "{% if gold %}\n\nA query with the right answer is:\n```sql\n{{ gold }}\n```\nShow the steps that lead there, as if you did not know "
        "it, and do not mention that it was given.{% endif %}\n\nWrite the steps first, a sentence each, then the query."
    )
