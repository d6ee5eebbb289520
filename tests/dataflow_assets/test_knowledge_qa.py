"""knowledge_qa, run whole as assets, with a server that answers as a model would, keeps what it is asked, and makes a quote up now and then."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from dataflow_assets.component import PipelineComponent
from dataflow_assets.pipelines.knowledge_qa import KnowledgeQA
from dataflow_assets.resources import LLMResource, WarehouseResource
from operators.tables.errors import ParameterError
from operators.testing import ScriptedServing
from resources.documents import DocumentSettings, open_documents
from resources.llm import LLMSettings, open_serving
from resources.warehouse import Warehouse
from tests.resources.llm.scripted_server import ScriptedServer, completion, http, running
from tests.text.faults.asking import user_text

SYLLABLES = ("bra", "dol", "fen", "gri", "hal", "jor", "kel", "lum", "mor", "nav")


def name(number: int, ending: str) -> str:
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:03}").capitalize() + ending


def mill(number: int) -> str:
    one, town, owner = name(number, "ax"), name(number, "burg"), name(number, "son")
    return (
        f"The {one} mill stands in {town}. It is {number + 11} metres high and was paid for by {owner}. "
        f"Who visits {one} today, sees how {owner} lived."
    )


def town(number: int, river: str = "") -> str:
    one, mayor = name(number, "burg"), name(number, "ini")
    return (
        f"The town of {one} lies on the river {river or name(number, 'ach')}. It has been led by {mayor} for {number + 3} years. "
        f"There is not a street in {one} that {mayor} has not seen."
    )


def documents(path: Path, count: int, **rivers: str) -> str:
    rows = [(f"mill {number}", mill(number)) for number in range(count // 2)]
    rows += [(f"town {number}", town(number, rivers.get(f"r{number}", ""))) for number in range(count // 2)]
    path.write_text("".join(json.dumps({"url": url, "text": text}) + "\n" for url, text in rows))
    return str(path)


def model(asked: str, schema: Any) -> Any:
    """What a careful model says of these texts; on the mill of number 1 it makes a quote up."""
    fields = schema["properties"]
    if "relations" in fields:
        return {"relations": [_relation(asked)]}
    if "pairs" in fields:
        return {"pairs": [_hops(asked) if "hops" in json.dumps(schema) else _single(asked)]}
    if set(fields) == {"answer"}:
        return {"answer": _read(asked)}
    if set(fields) == {"reason", "same"}:
        return {"reason": "It says the same.", "same": True}
    if set(fields) == {"question"}:
        first = re.search(r"The (\w+) mill", asked)
        return {"question": f"On which river lies the town in which the {first[1] if first else '?'} mill stands?"}
    return dict.fromkeys(fields, 4)


def _sentences(asked: str) -> list[str]:
    return [f"{sentence}." for sentence in asked.split("Text:\n")[1].split("\n\n")[0].removesuffix(".").split(". ")]


def _relation(asked: str) -> dict[str, str]:
    first = _sentences(asked)[0]
    subject, relation, target = (
        (found[1], "lies on", found[2])
        if (found := re.search(r"town of (\w+) lies on the river (\w+)", first))
        else (*re.findall(r"The (\w+ mill)", first), "stands in", first.split()[-1].rstrip("."))
    )
    return {"quote": first, "subject": subject, "subject_type": "place", "relation": relation, "object": target, "object_type": "place"}


def _single(asked: str) -> dict[str, str]:
    first = _sentences(asked)[0]
    if found := re.search(r"town of (\w+) lies on the river (\w+)", first):
        return {"quote": first, "question": f"On which river does the town of {found[1]} lie?", "answer": f"On the {found[2]}."}
    one, place = first.split()[1], first.split()[-1].rstrip(".")
    quote = f"The {one} mill burnt down in {place}." if one == name(1, "ax") else first
    return {"quote": quote, "question": f"In which town does the {one} mill stand?", "answer": f"It stands in {place}."}


def _hops(asked: str) -> dict[str, Any]:
    first, second = _sentences(asked)[:2]
    number, last = re.findall(r"\d+", second)[0], first.split()[-1].rstrip(".")
    what = f"How high is the mill that stands in {last}?" if "mill" in first else f"For how long has one led the town on the {last}?"
    hops = [{"quote": first, "step": "This is what is meant."}, {"quote": second, "step": "It says how much."}]
    unit = "metres" if "mill" in first else "years"
    return {"hops": hops, "question": what, "answer": f"{number} {unit}"}


def _read(asked: str) -> str:
    """The answer that the documents give to a question."""
    documents, question = asked.split("Question: ")
    if question.startswith("How high"):
        return re.findall(r"\d+ metres", documents)[0]
    if question.startswith("For how long"):
        return re.findall(r"\d+ years", documents)[0]
    stands, lies = re.findall(r"(\w+) mill stands in (\w+)", documents), re.findall(r"town of (\w+) lies on the river (\w+)", documents)
    return (stands if question.startswith("In which town") else lies)[0][1]


def answer(body: dict[str, Any]) -> bytes:
    schema = body["response_format"]["json_schema"]["schema"]
    return http(200, completion(json.dumps(model(str(body["messages"][-1]["content"]), schema))))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ScriptedServer]:
    with running(otherwise=answer) as server:
        monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", f"{server.address}/v1")
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
        yield server


class Deployed:
    """The deployed pipeline with a warehouse of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.warehouse = folder, Warehouse(folder / "warehouse")

    def run(self, source: str, **attributes: Any) -> dg.ExecuteInProcessResult:
        parameters = {"min_words": 10, "rate": False, **attributes.pop("parameters", {})}
        component = PipelineComponent(pipeline="knowledge_qa", source=source, parameters=parameters, **attributes)
        store = WarehouseResource(root=str(self.folder / "warehouse"))
        resources = dg.Definitions(resources={"warehouse": store, "llm": LLMResource()}, executor=dg.in_process_executor)
        job = dg.Definitions.merge(component.definitions(), resources).resolve_implicit_global_asset_job_def()
        return job.execute_in_process(raise_on_error=False)

    def rows(self, stage: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.warehouse.table("knowledge_qa", stage).read().to_pylist()
        return rows


CHECKS = {"different": [{"operator": "VerifiedQuotesFilter"}]}


def test_changing_one_document_of_a_hundred_asks_again_about_its_rows_alone(tmp_path: Path, server: ScriptedServer) -> None:
    settings = LLMSettings(base_url=f"{server.address}/v1", model="mock", cache_path=tmp_path / "answers.sqlite")

    def made(**rivers: str) -> tuple[dict[str, str], list[str]]:
        """Answers by question, and what the server was asked meanwhile."""
        before = len(server.bodies)
        source = documents(tmp_path / "documents.jsonl", 100, **rivers)
        rows = KnowledgeQA(min_words=10, reread=False, rate=False).run(source, resources={"llm": open_serving(settings)}).table.to_pylist()
        return {row["question"]: row["answer"] for row in rows}, [str(body["messages"]) for body in server.bodies[before:] if "messages" in body]

    _, asked = made()
    about = [text for text in asked if name(7, "ach") in text]
    assert len(asked) == 100 * 3 + 50
    assert made()[1] == [], "nothing changed, and nothing is asked"
    answers, new = made(r7="Elbe")
    assert len(new) == len(about) == 4, "its questions, its question of two hops, its relations, and the path that leads to it"
    assert all(name(7, "burg") in text and "Elbe" in text for text in new)
    assert answers[f"On which river does the town of {name(7, 'burg')} lie?"] == "On the Elbe."
    assert answers[f"On which river lies the town in which the {name(7, 'ax')} mill stands?"] == "Elbe"


def test_what_is_kept_is_proven_and_the_check_says_of_how_many_rows(tmp_path: Path, server: ScriptedServer) -> None:
    deployed = Deployed(tmp_path)
    data_sets = [{"format": "alpaca", "path": str(tmp_path / "sft")}, {"format": "hugging_face", "path": str(tmp_path / "rag")}]
    exports = [*data_sets, str(tmp_path / "all.jsonl")]
    result = deployed.run(documents(tmp_path / "documents.jsonl", 8), checks=CHECKS, export=exports, parameters={"rate": True})
    assert result.success
    rows = deployed.rows("good")
    assert Counter(row["hops"] for row in rows) == {1: 7, 2: 8 + 4}
    for row in rows:
        assert all(row["sources"][quote["source"]][quote["start"] : quote["end"]] == quote["quote"] for quote in row["quotes"])
    [aside] = deployed.warehouse.table("knowledge_qa", "quoted").rejected().read().to_pylist()
    assert aside["rejected_reason"].endswith("does not stand in the source")
    [check] = [one for one in result.get_asset_check_evaluations() if one.check_name == "every_row_passes_VerifiedQuotesFilter"]
    assert check.passed
    assert check.metadata["rows that pass"].value == "100.0% of 19"
    sft = json.loads((tmp_path / "sft" / "train.json").read_text())
    assert len(sft) == len(rows)
    assert all(sample["instruction"] and sample["output"] for sample in sft)
    assert {"question", "answer", "sources", "quotes"} <= set(json.loads((tmp_path / "all.jsonl").read_text().splitlines()[0]))


def test_a_quote_that_stands_nowhere_fails_the_check_and_stops_what_follows(tmp_path: Path, server: ScriptedServer) -> None:
    deployed = Deployed(tmp_path)
    parameters = {"hops": False, "graph": False, "clean": False}
    result = deployed.run(documents(tmp_path / "documents.jsonl", 4), checks={"ask": [{"operator": "VerifiedQuotesFilter"}]}, parameters=parameters)
    assert not result.success
    [check] = [one for one in result.get_asset_check_evaluations() if one.check_name == "every_row_passes_VerifiedQuotesFilter"]
    assert not check.passed
    assert check.metadata["rows that pass"].value == "75.0% of 4"
    made = {event.asset_key.path[-1] for event in result.get_asset_materialization_events()}
    assert not {"ask", "quoted"} & made
    assert not deployed.warehouse.table("knowledge_qa", "ask").exists(), "nothing of a stage that fails its check is published"


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({"diferent": []}, 'did you mean "different"'),
        ({"different": [{"operator": "VerifiedQuoteFilter"}]}, 'did you mean "VerifiedQuotesFilter"'),
        ({"different": [{"operator": "VerifiedQuotesFilter", "fewest": -1}]}, "fewest"),
        ({"different": [{"operator": "ExactDedup"}]}, "name a filter that looks at single rows"),
        ({"different": [{"operator": "VerifiedQuotesFilter", "columns": {"input_source": "source"}}]}, '"source" does not exist'),
    ],
)
def test_a_check_that_cannot_be_done_is_a_mistake_with_a_remedy(tmp_path: Path, checks: dict[str, Any], said: str) -> None:
    component = PipelineComponent(pipeline="knowledge_qa", source=documents(tmp_path / "documents.jsonl", 2), checks=checks)
    with pytest.raises(ParameterError, match=re.escape(said)):
        component.deployment()


def test_preferences_put_a_wrong_answer_from_memory_beside_the_proven_one() -> None:
    def scripted(request: Any) -> str:
        user = user_text(request)
        if request.json_schema is None:
            return "It stands in Atlantis." if name(2, "ax") in user else f"In {name(3, 'burg')}."
        return json.dumps(model(user, request.json_schema))

    pipeline = KnowledgeQA(min_words=10, hops=False, graph=False, rate=False, preferences=True)
    rows = pa.table({"text": [mill(2), mill(3)], "url": ["a", "b"]})
    [row] = pipeline.run(rows, resources={"llm": ScriptedServing(scripted)}).table.to_pylist()
    assert (row["chosen"], row["rejected"]) == (f"It stands in {name(2, 'burg')}.", "It stands in Atlantis.")


def test_a_question_that_a_reader_of_its_text_answers_otherwise_is_thrown_out() -> None:
    def scripted(request: Any) -> str:
        user, schema = user_text(request), request.json_schema
        if set(schema["properties"]) == {"answer"} and name(2, "ax") in user:
            return json.dumps({"answer": "Atlantis"})
        return json.dumps(model(user, schema))

    pipeline = KnowledgeQA(min_words=10, hops=False, graph=False, rate=False)
    result = pipeline.run(pa.table({"text": [mill(2), mill(3)], "url": ["a", "b"]}), resources={"llm": ScriptedServing(scripted)})
    assert [(row["url"], row["reread_right"]) for row in result.table.to_pylist()] == [("b", True)]
    [aside] = result.rejected.to_pylist()
    assert (aside["url"], aside["rejected_reason"]) == ("a", 'it was not answered from what was given: "Atlantis"')


def test_files_of_a_folder_are_converted_first(tmp_path: Path) -> None:
    (tmp_path / "mill.html").write_text(f"<html><body><p>{mill(2)}</p></body></html>")
    (tmp_path / "broken.pdf").write_text("no PDF")
    pipeline = KnowledgeQA(files=True, min_words=10, hops=False, graph=False, rate=False)
    llm = ScriptedServing(lambda request: json.dumps(model(str(request.messages[-1].content), request.json_schema)))
    resources = {"llm": llm, "documents": open_documents(DocumentSettings(folders=(str(tmp_path),), cache=False))}
    result = pipeline.configure({"convert": {"max_failed": 1.0}}).run([{"path": "mill.html"}, {"path": "broken.pdf"}], resources=resources)
    [row] = result.table.to_pylist()
    assert (row["path"], row["answer"]) == ("mill.html", f"It stands in {name(2, 'burg')}.")
    assert [aside["path"] for aside in result.rejected.to_pylist()] == ["broken.pdf"]


def test_no_way_to_set_it_up_warns_of_anything() -> None:
    ways: list[dict[str, Any]] = [{}, {"clean": False, "hops": False, "graph": False}, {"preferences": True, "languages": ["en"], "chunks": 5}]
    ways += [{"files": True}]
    assert [KnowledgeQA(**way).compile(resources=["llm", "embedding", "documents"]).warnings for way in ways] == [()] * 4
    assert "embedding" in str(KnowledgeQA(resolve_by_embedding=True).compile(resources=["llm", "embedding"])["resolve"].resources)
