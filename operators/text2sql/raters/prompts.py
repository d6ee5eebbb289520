"""What a model is asked about a question and a query. Read like prose."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class Correspondence(BaseModel):
    asked: str = Field(max_length=300, description="what the question asks for")
    given: str = Field(max_length=300, description="what the query gives")
    difference: str = Field(max_length=300, description="where the two differ; empty where they do not")
    corresponds: bool


class CorrespondencePrompt(PromptTemplate[Correspondence]):
    """Whether a query answers a question. `answer` are the first rows that it gives; `unsaid` values that only the query names."""

    system = (
        "You check whether a query gives exactly what a question asks for. Look at four things: the columns that are selected; the conditions, each "
        "with its value; how rows are grouped, counted and computed with; the order and how many rows there are. It corresponds only where all four "
        "are right. What the question leaves open may be decided either way."
    )
    user = (
        "{{ schema }}\n\n{% if evidence %}What one has to know: {{ evidence }}\n{% endif %}Question: {{ question }}\n\n"
        "Query:\n```sql\n{{ sql }}\n```\nIn plain words: {{ rendering }}\n\nIts answer:\n{{ answer }}"
        "{% if unsaid %}\n\nValues of the query that the question does not name: {{ unsaid | join(', ') }}{% endif %}"
    )
