"""Relations are proven, names of one entity are brought together, and paths go over several texts."""

from __future__ import annotations

from typing import Any

import pytest

from operators.knowledge.graph.names import short_forms
from operators.knowledge.graph.paths import RelationPathsGenerator
from operators.knowledge.graph.questions import PathQuestionGenerator
from operators.knowledge.graph.relations import RelationCheckFilter, RelationsGenerator
from operators.knowledge.graph.resolving import EmbeddingEntityResolutionEvaluator, EntityResolutionEvaluator
from operators.knowledge.questions.verified import VerifiedQuotesFilter
from operators.testing import ScriptedEmbedding
from tests.math.asking import ask as ask_with
from tests.text.faults.asking import always, ask, in_turn, user_text

ONE = "Radium was found by Marie Curie in 1898."
OTHER = "Marie Curie was born in Warsaw, the capital of Poland."


def relation(quote: str, subject: str, verb: str, target: str) -> dict[str, str]:
    return {"quote": quote, "subject": subject, "subject_type": "thing", "relation": verb, "object": target, "object_type": "thing"}


def related(*found: tuple[str, str, str, str, str]) -> list[dict[str, Any]]:
    """Rows of (text, quote, subject, relation, object), as the generator makes them."""
    rows = []
    for text, *said in found:
        kept, _, _ = ask(RelationsGenerator(), [{"text": text}], always(relations=[relation(*said)]))
        rows += kept
    return rows


def test_a_row_is_made_of_each_relation_with_the_place_of_its_quote() -> None:
    [row] = related((ONE, ONE, "Radium", "was found by", "Marie Curie"))
    assert (row["subject"], row["relation"], row["object"]) == ("Radium", "was found by", "Marie Curie")
    assert ONE[row["quotes"][0]["start"] : row["quotes"][0]["end"]] == ONE


@pytest.mark.parametrize(
    ("quote", "subject", "target", "said"),
    [
        (ONE, "Radium", "Marie Curie", None),
        (ONE, "Polonium", "Marie Curie", "the subject 'Polonium' does not stand in the quote"),
        (ONE, "Radium", "radium", "subject and object are the same"),
        ("She was born in Warsaw.", "She", "Warsaw", "the subject 'She' names nothing"),
        (ONE, "Radium", "the", "the object 'the' does not stand in the quote"),
        (ONE, "...", "Marie Curie", "the subject '...' names nothing"),
    ],
)
def test_relations_that_their_quote_does_not_hold_are_dropped(quote: str, subject: str, target: str, said: str | None) -> None:
    rows = related((quote, quote, subject, "is", target))
    rejected = RelationCheckFilter().run(rows).rejected.to_pylist()
    assert [row["rejected_reason"] for row in rejected] == ([said] if said else [])


def test_a_text_without_relations_gives_none() -> None:
    kept, aside, serving = ask(RelationsGenerator(), [{"text": ONE}, {"text": " "}], always(relations=[]))
    assert not kept
    assert [row["rejected_reason"] for row in aside] == ["no row was made from it"] * 2
    assert len(serving.requests) == 1


# Entities


def test_names_of_one_entity_are_brought_together() -> None:
    quote = "The World Health Organization (WHO) has its seat in Geneva."
    rows = related(
        (quote, quote, "The World Health Organization", "has its seat in", "Geneva"),
        ("WHO fights malaria.", "WHO fights malaria.", "WHO", "fights", "malaria"),
        (
            "World health organization's staff met Acme Corp.",
            "World health organization's staff met Acme Corp.",
            "World health organization",
            "met",
            "Acme Corp.",
        ),
        ("ACME is in Geneva.", "ACME is in Geneva.", "ACME", "is in", "geneva"),
    )
    resolved = EntityResolutionEvaluator().run(rows).table.to_pylist()
    assert len({resolved[place]["subject_entity"] for place in (0, 1, 2)}) == 1
    assert resolved[2]["object_entity"] == resolved[3]["subject_entity"]
    assert resolved[0]["object_entity"] == resolved[3]["object_entity"] == "geneva"
    assert resolved[1]["object_entity"] == "malaria"


def test_short_forms_have_to_fit_their_long_form() -> None:
    assert short_forms(["Fit for the United Nations (UN) and the moon (CHEESE)."]) == {"un": "united nations"}


def test_embeddings_decide_within_blocks_and_never_over_numbers() -> None:
    vectors = {
        "Marie Curie": (1, 0),
        "Marie S. Curie": (1, 0.1),
        "Marie Antoinette": (0, 1),
        "Python 2": (1, 0),
        "Python 3": (1, 0),
        "Curium": (1, 0),
    }
    embedding = ScriptedEmbedding(lambda text: vectors.get(text, (0.5, 0.5)))
    names = list(vectors)
    rows = [{"subject": name, "object": f"thing {place}", "quotes": []} for place, name in enumerate(names)]
    kept, _, _ = ask_with(EmbeddingEntityResolutionEvaluator(), rows, embedding=embedding)
    entity = {row["subject"]: row["subject_entity"] for row in kept}
    assert entity["Marie Curie"] == entity["Marie S. Curie"] == "Marie S. Curie"
    assert len(set(entity.values())) == len(names) - 1
    assert "Curium" not in embedding.texts


# Paths and questions along them


RELATIONS = related(
    (ONE, ONE, "Radium", "was found by", "Marie Curie"),
    (OTHER, OTHER, "Marie Curie", "was born in", "Warsaw"),
    (OTHER, OTHER, "Warsaw", "is the capital of", "Poland"),
)


def paths(**parameters: Any) -> list[dict[str, Any]]:
    resolved = EntityResolutionEvaluator().run(RELATIONS).table
    return list(RelationPathsGenerator(**parameters).run(resolved).table.to_pylist())


def test_a_path_goes_over_two_texts_and_its_quotes_can_be_proven() -> None:
    [path] = paths()
    assert [step["object"] for step in path["relation_path"]] == ["Marie Curie", "Warsaw"]
    assert path["sources"] == [ONE, OTHER]
    assert len(path["parent_ids"]) == 2
    assert [path["sources"][quote["source"]][quote["start"] : quote["end"]] for quote in path["quotes"]] == [ONE, OTHER]
    assert len(VerifiedQuotesFilter(fewest=2).run([path]).table) == 1


def test_paths_within_a_text_and_longer_ones_where_they_are_wanted() -> None:
    assert len(paths(other_texts=False)) == 2
    [long] = paths(other_texts=False, hops=3)
    assert [step["object"] for step in long["relation_path"]] == ["Marie Curie", "Warsaw", "Poland"]
    assert long["sources"] == [ONE, OTHER]
    assert [quote["source"] for quote in long["quotes"]] == [0, 1, 1]


def test_a_hub_does_not_flood_the_table() -> None:
    hub = [{"subject": "hub", "relation": "has", "object": f"part {place}", "quotes": [], "text": f"text {place}"} for place in range(30)]
    into = [{"subject": f"thing {place}", "relation": "is in", "object": "hub", "quotes": [], "text": f"other {place}"} for place in range(10)]
    operator = RelationPathsGenerator(most=3).bind(input_subject="subject", input_object="object")
    rows = [{**row, "quotes": [{"quote": "x", "source": 0, "start": 0, "end": 1, "found": "exact"}]} for row in (*hub, *into)]
    made = operator.run(rows).table.to_pylist()
    assert len(made) == 10 * 3
    assert made == operator.run(rows).table.to_pylist()


def test_a_question_names_where_the_path_begins_and_nothing_that_has_to_be_found() -> None:
    [path] = paths()
    good = '{"question": "Where was the person born who found radium?"}'
    said = ("Where was Marie Curie born, who found radium?", "Who was born in Warsaw and found radium?", "Where was she born?")
    bad = [f'{{"question": "{question}"}}' for question in said]
    kept, _, serving = ask(PathQuestionGenerator(max_reasks=5), [path], in_turn(*bad, good))
    assert (kept[0]["question"], kept[0]["answer"]) == ("Where was the person born who found radium?", "Warsaw")
    assert len(serving.requests) == 4
    assert ONE in user_text(serving.requests[0])
    kept, aside, _ = ask(PathQuestionGenerator(), [path], lambda _: bad[0])
    assert not kept
    assert "'Marie Curie', which has to be found" in aside[0]["rejected_reason"]


def test_the_schema_asks_for_a_relation_since_a_strict_decoder_would_end_at_once() -> None:
    _, _, serving = ask(RelationsGenerator(relations=4), [{"text": ONE}], always(relations=[relation(ONE, "Radium", "was found by", "Marie Curie")]))
    schema = serving.requests[0].json_schema
    assert schema is not None
    assert (schema["properties"]["relations"]["minItems"], schema["properties"]["relations"]["maxItems"]) == (1, 4)
