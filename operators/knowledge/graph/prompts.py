"""What a model is asked that finds relations, and the shape of its answer. Read like prose."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class Relation(BaseModel):
    """One thing that a text says of two entities. The quote comes first: what is said must stand in it."""

    quote: str = Field(min_length=1, max_length=500, description="the sentence that says it, to the letter")
    subject: str = Field(min_length=1, max_length=120, description="who or what, by its full name in the sentence")
    subject_type: str = Field(max_length=40, description="person, place, organisation, product, concept, ...")
    relation: str = Field(min_length=1, max_length=80, description="a verb in few words: was born in, depends on")
    object: str = Field(min_length=1, max_length=120, description="whom or what, by its full name")
    object_type: str = Field(max_length=40, description="as above")


class Relations(BaseModel):
    relations: list[Relation] = Field(max_length=40)


class RelationsPrompt(PromptTemplate[Relations]):
    system = (
        "You find what a text says of people, places, organisations, products and other named things, and how they hang together. For each relation "
        "you first copy the sentence that says it, to the letter. Subject and object are names that stand in that sentence, never pronouns and never "
        "the same. You add nothing that the text does not say. Where it says nothing of the kind, the list is empty."
    )
    user = "{% if title %}From: {{ title }}\n\n{% endif %}Text:\n{{ text | shorten(characters) }}\n\nFind at most {{ relations }} relations."
