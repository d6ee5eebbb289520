"""Faults of the reference's operators of personal data and of names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import ColumnError, ParameterError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.privacy.anonymize import AnonymizeEntities, AnonymizePersonalData, PersonalDataEvaluator, PersonalDataFilter
from tests.faults import fault
from tests.text.faults.python_calls import python_calls


def counted(*texts: str | None) -> list[tuple[int | None, float | None]]:
    kept = MemoryStorage()
    PersonalDataEvaluator().run(MemoryStorage(pa.table({"text": pa.array(texts, pa.string())})), into=kept)
    return [(row["personal_data"], row["personal_data_density"]) for row in kept.read().to_pylist()]


# PresidioSampleEvaluator, PresidioFilter, PIIAnonymizeRefiner


@fault("model and tokenizer are loaded to the GPU but never used: Presidio loads its own second copy through spaCy on CPU")
def test_no_model_is_loaded_to_find_personal_data(modules_after: Callable[[str], set[str]]) -> None:
    used = modules_after("""
from operators.text.privacy.anonymize import AnonymizePersonalData, PersonalDataEvaluator, PersonalDataFilter
rows = MemoryStorage(pa.table({"text": ["Write to a@b.org"]}))
kept = MemoryStorage()
for operator in (PersonalDataFilter(), PersonalDataEvaluator(), AnonymizePersonalData()):
    operator.run(rows, into=kept)
assert kept.read(["text"]).column(0).to_pylist() == ["Write to <EMAIL>"]
""")
    assert not {"torch", "transformers", "spacy", "presidio_analyzer", "presidio_anonymizer", "onnxruntime"} & used


@fault("English only in practice whatever lang says")
@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Schreiben Sie an max@firma.example oder rufen Sie +49 30 1234567 an.", "Schreiben Sie an <EMAIL> oder rufen Sie <PHONE> an."),
        ("请联系张伟，电话138-1234-5678，身份证11010519491231002X。", "请联系张伟，电话<PHONE>，身份证<IDENTITY_NUMBER>。"),
        ("اكتب إلى a@b.org من 8.8.8.8", "اكتب إلى <EMAIL> من <IP_ADDRESS>"),
        ("Пишите на ivan@почта.example: a@b.org, IBAN DE89370400440532013000", "Пишите на ivan@почта.example: <EMAIL>, IBAN <IBAN>"),
    ],
)
def test_personal_data_is_found_in_any_language(text: str, without: str, refined: Any) -> None:
    assert refined(AnonymizePersonalData(), text) == without
    assert counted(text)[0][0] == without.count("<")


@fault("one analyze call per row, no batch; BERT input limit of 512 tokens ignored")
def test_texts_without_a_sign_of_personal_data_are_passed_over_together(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (pa.array(["A clean text, about nothing in particular."] * rows) for rows in (10, 1000))
    for function in (PersonalDataFilter().keep_batch, PersonalDataEvaluator().evaluate_batch, AnonymizePersonalData().refine_batch):
        assert python_calls(lambda function=function: function(few)) == python_calls(lambda function=function: function(many))  # type: ignore[misc]


@fault("one analyze call per row, no batch; BERT input limit of 512 tokens ignored")
def test_personal_data_is_found_however_far_into_a_text_it_stands(refined: Any) -> None:
    far = "plain words of a long text " * 20_000
    assert refined(AnonymizePersonalData(), f"{far}a@b.org {far}8.8.8.8") == f"{far}<EMAIL> {far}<IP_ADDRESS>"
    assert counted(f"{far}a@b.org {far}8.8.8.8")[0][0] == 2


@fault("raw count, not per-length, and no score threshold; dates and places count as PII")
def test_personal_data_is_counted_by_length_too_and_only_what_is_confirmed_counts() -> None:
    assert counted("a@b.org" + " " * 993, "") == [(1, 1.0), (0, 0.0)]
    assert counted("On 5 March 2024 at 10:30 in Paris, Berlin and New York, on Monday, 1995-01-02.")[0][0] == 0
    unconfirmed = "4111 1111 1111 1112, DE88 3704 0044 0532 0130 00, 127.0.0.1, 1.2.34, ISBN 978-3-16-148410-0"
    assert counted(unconfirmed) == [(0, 0.0)]
    scored, kept = MemoryStorage(), MemoryStorage()
    PersonalDataEvaluator().run(MemoryStorage(pa.table({"text": ["a@b.org", "a@b.org" + " word" * 500]})), into=scored)
    ScoreFilter(max=2).run(scored, into=kept, input_score="personal_data_density")
    assert len(kept.read(["text"]).column(0)[0].as_py()) > 2000


@fault("None crashes")
def test_a_null_has_no_count_and_is_rejected_by_the_filter(keeps: Any, reasons: Any) -> None:
    assert counted(None, "a@b.org") == [(None, None), (1, pytest.approx(1000 / 7))]
    assert keeps(PersonalDataFilter(), None, "clean") == [False, True]
    assert reasons(PersonalDataFilter(), None) == {0: "text is null"}


@fault("long clean documents exceed 5 because DATE_TIME/LOCATION are counted")
def test_a_long_document_with_dates_places_and_a_few_contacts_stays_and_a_list_of_contacts_goes(keeps: Any, reasons: Any) -> None:
    history = "On 5 March 1871 in Paris, and a day later in Lyon and Marseille, nothing happened. " * 200
    contacts = " ".join(f"person{number}@a.example" for number in range(8))
    assert keeps(PersonalDataFilter(), history, history + contacts, contacts) == [True, True, False]
    assert reasons(PersonalDataFilter(), contacts) == {0: "PersonalDataFilter: 8 pieces of personal data, 55.9 for each 1,000 characters"}
    assert keeps(PersonalDataFilter(max_density=0), history, history + contacts) == [True, False]


@fault("model_name argument is overwritten by a constant")
def test_every_parameter_has_an_effect_and_there_is_none_that_has_not(refined: Any) -> None:
    text = "Write to j.doe@b.org from 8.8.8.8"
    made = [
        refined(AnonymizePersonalData(**parameters), text)
        for parameters in ({}, {"kinds": ("email",)}, {"how": "mask"}, {"how": "hash"}, {"how": "hash", "salt": "pepper"})
    ]
    assert len(set(made)) == 5
    with pytest.raises(ParameterError, match='AnonymizePersonalData has no parameter "model_name"'):
        AnonymizePersonalData(model_name="dslim/bert-base-NER")


@fault("model_name argument is overwritten by a constant")
def test_the_model_that_is_named_is_the_one_that_is_used(entity_pipeline: str, tmp_path: Path, refined: Any) -> None:
    import spacy

    other = spacy.blank("en")
    other.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "June"}])
    other.to_disk(tmp_path)
    text = "May met June."
    assert refined(AnonymizeEntities(model=entity_pipeline), text) == "[PERSON] met June."
    assert refined(AnonymizeEntities(model=str(tmp_path)), text) == "May met [PERSON]."


def test_a_number_glued_to_an_address_is_found_when_the_address_is_gone(refined: Any) -> None:
    assert refined(AnonymizePersonalData(), "a@b.org+49 30 1234567") == "<EMAIL><PHONE>"


# NERRefiner


@fault("str.replace by surface text changes every occurrence, also inside words and inside labels already inserted")
def test_a_name_is_replaced_where_it_stands_and_nowhere_else(entity_pipeline: str, refined: Any) -> None:
    refiner = AnonymizeEntities(model=entity_pipeline)
    once = refined(refiner, "Mayor May of Parish, in Paris: Maybe.")
    assert once == "Mayor [PERSON] of Parish, in [GPE]: Maybe."
    assert refined(refiner, once) == once, "PERSON is the name of an organisation in this pipeline"


@fault("no batching (nlp per row), no offsets")
def test_texts_go_through_the_pipeline_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spacy = pytest.importorskip("spacy", reason="the extra [entities] is not installed: pip install 'dataflow-dagster[entities]'")
    pipeline = spacy.blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "May"}])
    pipeline.to_disk(tmp_path)
    sizes: list[int] = []
    whole = spacy.pipeline.EntityRuler.pipe

    def noted(self: Any, stream: Any, *, batch_size: int = 1) -> Any:
        sizes.append(batch_size)
        return whole(self, stream, batch_size=batch_size)

    monkeypatch.setattr(spacy.pipeline.EntityRuler, "pipe", noted)
    kept = MemoryStorage()
    AnonymizeEntities(model=str(tmp_path)).run(MemoryStorage(pa.table({"text": ["May and May"] * 300})), into=kept)
    assert kept.read(["text"]).column(0).to_pylist() == ["[PERSON] and [PERSON]"] * 300
    assert sizes == [64], "one stream for the batch of rows, 64 documents at a time"


@fault("model must be pre-installed or OSError")
def test_a_missing_package_or_pipeline_is_one_clear_sentence() -> None:
    rows = MemoryStorage(pa.table({"text": ["May"]}))
    if AnonymizeEntities().package_problems():
        with pytest.raises(
            ColumnError, match=r"(?s)AnonymizeEntities needs spacy, which is not installed.*pip install 'dataflow-dagster\[entities\]'"
        ):
            AnonymizeEntities().run(rows, into=MemoryStorage())
        return
    with pytest.raises(StageFailed, match=r'the spaCy pipeline "./none" is not installed: run `python -m spacy download ./none`, or give the folder'):
        AnonymizeEntities(model="./none").run(rows, into=MemoryStorage())


@fault("cardinal/date masking destroys content")
def test_numbers_and_dates_stay_unless_they_are_named(entity_pipeline: str, refined: Any) -> None:
    text = "In 1995, May had three houses in Paris."
    assert refined(AnonymizeEntities(model=entity_pipeline), text) == "In 1995, [PERSON] had three houses in [GPE]."
    assert refined(AnonymizeEntities(model=entity_pipeline, labels=("DATE",)), text) == "In [DATE], May had three houses in Paris."
