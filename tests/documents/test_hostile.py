"""No file hangs a conversion, harms another, or brings in what stands outside it; each has a verdict that is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from operators.document_model.conversion import Conversion, NotConverted, Source
from operators.document_model.document import Document
from operators.document_model.markdown_writing import markdown_of
from operators.documents.convert import ConvertDocuments
from resources.documents import DocumentSettings, open_documents
from resources.documents.serving import Documents
from tests.documents.hostile import CONTENTS, CONVERTED, GOOD_PDF, SECRET, place_odd_files
from tests.documents.made_pdfs import prose

LIMITS = {"seconds": 15.0, "memory_megabytes": 500, "pages": 300, "megabytes": 50.0, "cache": False, "parallel": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("documents")
    for name, (content, _) in CONTENTS.items():
        (made / name).write_bytes(content if isinstance(content, bytes) else content())
    (made / "good.pdf").write_bytes(GOOD_PDF)
    return made


@pytest.fixture(scope="module")
def odd(folder: Path) -> dict[str, tuple[str, ...]]:
    return place_odd_files(folder)


@pytest.fixture(scope="module")
def serving(folder: Path) -> Iterator[Documents]:
    made = open_documents(DocumentSettings(folders=(str(folder),), **LIMITS))
    yield made
    made.close()


def verdict(conversion: Conversion) -> str:
    return conversion.cause if isinstance(conversion, NotConverted) else CONVERTED


def test_each_of_the_hostile_files_has_its_verdict_and_the_run_goes_on(serving: Documents, folder: Path, odd: dict[str, tuple[str, ...]]) -> None:
    expected = {**{name: right for name, (_, right) in CONTENTS.items()}, **odd}
    assert len(expected) >= 40
    asked = [path for name in expected for path in (name, "good.pdf")]
    made = list(serving.convert_all(Source(path) for path in asked))
    wrong = {
        name: str(one) if isinstance(one, NotConverted) else markdown_of(one.blocks)[:200]
        for name, one in zip(expected, made[::2], strict=True)
        if verdict(one) not in expected[name]
    }
    assert not wrong
    assert all(isinstance(one, Document) for one in made[1::2]), "a good file after a hostile one is converted"
    texts = [markdown_of(one.blocks) for one in made if isinstance(one, Document)]
    assert not any(SECRET in text for text in texts)
    assert max(map(len, texts)) < 3_000_000, "nothing was blown up"
    assert all(str(one).partition(": ")[2] for one in made if isinstance(one, NotConverted)), "each refusal says why"


def test_the_same_as_rows_of_a_table_one_row_each(serving: Documents, folder: Path, odd: dict[str, tuple[str, ...]]) -> None:
    bad = ["nothing.pdf", "noise.pdf", "locked.pdf", "laughs.docx", *odd]
    result = ConvertDocuments(max_failed=0).run([{"path": path} for path in ["good.pdf", *bad, "letter.docx"]], resources={"documents": serving})
    assert result.table.column("path").to_pylist() == ["good.pdf", "letter.docx"]
    reasons = dict(zip(result.rejected.column("path").to_pylist(), result.rejected.column("rejected_reason").to_pylist(), strict=True))
    assert set(reasons) == set(bad)
    assert reasons["locked.pdf"] == "encrypted: the PDF has a password"


def test_a_conversion_over_its_time_is_killed_and_its_worker_replaced(folder: Path) -> None:
    (folder / "long.pdf").write_bytes(prose(1, pages=120, seed=12)[0])
    made = open_documents(DocumentSettings(folders=(str(folder),), **{**LIMITS, "seconds": 2.0, "parallel": 1}))
    try:
        assert verdict(made.convert(Source("long.pdf"))) == "time limit"
        assert verdict(made.convert(Source("latin.txt"))) == CONVERTED
    finally:
        made.close()


def test_without_folders_no_path_is_read_and_bytes_are() -> None:
    made = open_documents(DocumentSettings(folders=(), **LIMITS))
    try:
        refused = made.convert(Source("/etc/hostname"))
        assert isinstance(refused, NotConverted)
        assert refused.cause == "not allowed"
        assert "DATAFLOW_DOCUMENTS" in refused.message
        assert isinstance(made.convert(Source("/etc/hostname", b"# A title\n\nIts text.")), Document)
    finally:
        made.close()
