"""Operators and sources of documents: every row goes on with its text or is set aside with its reason; what did not change is not converted again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.document_model.column import blocks_of_rows
from operators.document_model.markdown_reading import blocks_of
from operators.documents.convert import ConvertDocuments, ConvertDocumentSets
from operators.documents.parts import DropDocumentParts
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ParameterError
from operators.tables.files import FileStorage
from operators.testing.scripted_web import ScriptedWeb
from operators.web.page import Fetched, NotFetched, Page
from resources.documents import DocumentSettings, open_documents, why_not
from resources.documents.folder import DocumentFolder, InstalledDocuments
from resources.documents.serving import Documents
from tests.documents.hostile import GOOD_PDF
from tests.faults import fault

ADDRESSES = {
    "https://x.org/paper": Page("https://x.org/paper", "https://x.org/paper.html", "application/pdf", "binary", GOOD_PDF),
    "https://x.org/a": Page(
        "https://x.org/a", "https://x.org/a", "text/html", "utf-8", b"<!doctype html><title>A</title><p>The harbour is small.</p>"
    ),
}


def page_of(url: str) -> Fetched:
    return ADDRESSES.get(url, NotFetched(url, "it answers 404"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    (made / "one").mkdir(parents=True)
    (made / "two").mkdir()
    (made / "one" / "notes.md").write_text("# One\n\nThe first text.")
    (made / "two" / "notes.md").write_text("# Two\n\nThe second text.")
    (made / "paper.pdf").write_bytes(GOOD_PDF)
    (made / ".hidden.md").write_text("unseen")
    return made


@pytest.fixture
def serving(folder: Path, tmp_path: Path) -> Iterator[Documents]:
    settings = DocumentSettings(folders=(str(folder),), parallel=1, cache_path=str(tmp_path / "kept.sqlite"), html="whole")
    made = open_documents(settings, ScriptedWeb(page_of))
    yield made
    made.close()


def run(operator: ConvertDocuments, rows: list[dict[str, Any]], serving: Documents) -> tuple[list[dict[str, Any]], dict[str, str]]:
    result = operator.run(rows, resources={"documents": serving})
    named = next(iter(rows[0]))
    return result.table.to_pylist(), {str(row[named]): row["rejected_reason"] for row in result.rejected.to_pylist()}


@fault('a page that cannot be fetched is "converted" into a text file holding the error sentence, which then becomes knowledge')
@fault("failures are empty strings that crash the next operator (chunker raises FileNotFoundError)")
@fault("one failed document raises and loses the whole batch")
def test_what_cannot_be_converted_is_set_aside_with_its_reason_and_the_others_go_on(serving: Documents) -> None:
    rows = [{"path": path} for path in ("one/notes.md", "missing.pdf", "https://x.org/none", "", "two/notes.md")]
    kept, aside = run(ConvertDocuments(), rows, serving)
    assert [row["text"] for row in kept] == ["# One\n\nThe first text.", "# Two\n\nThe second text."]
    assert aside["https://x.org/none"] == "not fetched: it answers 404"
    assert aside["missing.pdf"].startswith("not found: ")
    assert aside[""] == "not found: the row names no file"


@fault("HTTP calls without timeout or retry; content type compared for exact equality, so a charset suffix turns a PDF into html")
def test_an_address_is_fetched_and_its_bytes_say_what_it_is(serving: Documents) -> None:
    kept, _ = run(ConvertDocuments(), [{"path": path} for path in ADDRESSES], serving)
    assert [row["document_format"] for row in kept] == ["pdf", "html"]
    assert kept[1]["text"] == "The harbour is small."


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "shift_jis"])
def test_a_page_is_read_in_the_charset_that_its_server_declares_unless_it_is_utf8(encoding: str, serving: Documents) -> None:
    text = "漁港" if encoding == "shift_jis" else "Порт"
    page = Page("https://x.org/r", "https://x.org/r", "text/html", "shift_jis" if encoding == "shift_jis" else "windows-1251", b"")
    page = replace(page, content=f"<!doctype html><p>{text}".encode(encoding))
    other = open_documents(serving.settings, ScriptedWeb(lambda _: page))
    kept, _ = run(ConvertDocuments(), [{"path": page.url}], other)
    other.close()
    assert kept[0]["text"] == text


def test_addresses_are_left_alone_where_the_settings_say_so(serving: Documents) -> None:
    other = open_documents(serving.settings.model_copy(update={"web": False}), ScriptedWeb(page_of))
    _, aside = run(ConvertDocuments(), [{"path": "https://x.org/a"}], other)
    other.close()
    assert aside == {"https://x.org/a": "not fetched: the setting web is false: addresses are not fetched"}


@fault("file names taken from the stem: equal names overwrite each other")
@fault("results mapped back by file stem only")
@fault("returns the written path instead of key names")
@fault(
    "the folder name is taken from the backend name while MinerU writes auto or vlm folders (the sister operator in the same package maps them), "
    "so the path is likely wrong"
)
def test_files_of_one_name_stay_apart_and_texts_are_in_the_table(serving: Documents) -> None:
    kept, aside = run(ConvertDocuments(), [{"path": "one/notes.md"}, {"path": "two/notes.md"}], serving)
    assert {row["path"]: row["title"] for row in kept} == {"one/notes.md": "One", "two/notes.md": "Two"}
    assert not aside


@fault("full local path is sent as file name")
@fault("single-threaded upload; zip extracted without path checks")
@fault("source is hard-coded to local; any failing file aborts everything")
def test_nothing_leaves_the_machine_and_nothing_is_unpacked_to_disk(serving: Documents, folder: Path) -> None:
    """Converters run in processes that cannot write files; see test_hostile for archives made to do harm."""
    before = sorted(folder.rglob("*"))
    kept, _ = run(ConvertDocuments(), [{"path": "paper.pdf"}], serving)
    assert kept[0]["document_format"] == "pdf"
    assert sorted(folder.rglob("*")) == before


@fault("model is reloaded for every file")
def test_a_process_converts_many_files(serving: Documents, folder: Path) -> None:
    run(ConvertDocuments(), [{"path": "one/notes.md"}], serving)
    first = serving.workers()
    run(ConvertDocuments(), [{"path": "two/notes.md"}, {"path": "paper.pdf"}], serving)
    assert serving.workers() == first
    assert len(first) == 1


class Reading(Pipeline):
    """Documents as text."""

    expects = {"path": str}

    def __init__(self) -> None:
        self.convert = ConvertDocuments()

    def forward(self, documents):  # type: ignore[no-untyped-def]
        return self.convert(documents)


@fault("engine started in the constructor (compile of a pipeline loads a GPU model)")
def test_compiling_starts_nothing(serving: Documents) -> None:
    Reading().compile(resources=("documents",))
    assert serving.workers() == []
    assert serving.converted == 0


def test_unchanged_documents_are_not_converted_again(serving: Documents, folder: Path) -> None:
    rows = [{"path": path} for path in ("one/notes.md", "two/notes.md", "paper.pdf")]
    first, _ = run(ConvertDocuments(), rows, serving)
    assert serving.converted == 3
    again, _ = run(ConvertDocuments(), rows, serving)
    assert serving.converted == 3
    assert again == first
    (folder / "one" / "notes.md").write_text("# One\n\nAnother text.")
    changed, _ = run(ConvertDocuments(), rows, serving)
    assert serving.converted == 4
    assert changed[0]["text"] == "# One\n\nAnother text."
    assert changed[1:] == first[1:]


def test_another_process_finds_what_was_converted_and_other_settings_do_not(serving: Documents) -> None:
    run(ConvertDocuments(), [{"path": "one/notes.md"}], serving)
    for more, expected in (({}, 0), ({"html": "main"}, 1)):
        other = open_documents(serving.settings.model_copy(update=more))
        run(ConvertDocuments(), [{"path": "one/notes.md"}], other)
        other.close()
        assert other.converted == expected


def test_bytes_go_before_the_path(serving: Documents) -> None:
    kept, _ = run(ConvertDocuments(), [{"path": "one/notes.md", "content": b"# Bytes\n\nOf the table."}], serving)
    assert kept[0]["title"] == "Bytes"


@fault("page number and box are thrown away, so results cannot be traced to the page")
@fault("non-text list blocks are dropped")
@fault("first glob match wins; any missing file aborts all rows")
def test_blocks_have_their_page_and_box_and_go_through_a_file(serving: Documents, tmp_path: Path) -> None:
    result = ConvertDocuments().run([{"path": "paper.pdf"}, {"path": "missing.pdf"}], resources={"documents": serving})
    saved = FileStorage(tmp_path / "kept.parquet")
    saved.write(result.table)
    row = saved.read().to_pylist()[0]
    blocks = blocks_of_rows(row["blocks"])
    assert blocks
    assert all(block.place.page == 1 and block.place.box is not None for block in blocks)
    assert tuple(block.text for block in blocks_of(row["text"])) == tuple(block.text for block in blocks)


def test_places_stand_in_the_markdown_where_they_are_asked_for(serving: Documents) -> None:
    kept, _ = run(ConvertDocuments(places=True), [{"path": "paper.pdf"}], serving)
    assert blocks_of(kept[0]["text"]) == blocks_of_rows(kept[0]["blocks"])


@fault("missing parts are silently left out")
@fault("errors only printed")
@fault("None paths crash the converter afterwards")
def test_a_set_is_one_document_of_all_its_files_or_none(serving: Documents) -> None:
    rows = [{"paths": ["one/notes.md", "two/notes.md"]}, {"paths": ["one/notes.md", "missing.md"]}, {"paths": []}, {"paths": None}]
    result = ConvertDocumentSets().run(rows, resources={"documents": serving})
    kept, aside = result.table.to_pylist(), result.rejected.to_pylist()
    assert [row["text"] for row in kept] == ["# One\n\nThe first text.\n\n# Two\n\nThe second text."]
    assert [block["source"] for block in kept[0]["blocks"]] == ["one/notes.md", "one/notes.md", "two/notes.md", "two/notes.md"]
    assert [row["rejected_reason"].split(":")[0] for row in aside] == ["not found"] * 3
    assert "missing.md" in aside[0]["rejected_reason"]


PAPER = """# Tides

Text about tides.

## Contents

1 Tides ........ 3
2 Ships ........ 5

## Ships

: Table 1: ships

| a | b |
| --- | --- |
| 1 | 2 |

## References

[1] A. Author. Tides. 1999.

### Further reading

Nothing.

## Appendix

More text.
"""


def test_references_and_contents_are_left_out_and_what_follows_stays() -> None:
    made = DropDocumentParts().run([PAPER]).table.column("text")[0].as_py()
    assert "Author" not in made
    assert "Further reading" not in made
    assert "........" not in made
    assert made.endswith("## Appendix\n\nMore text.")
    assert "| 1 | 2 |" in made
    fewer = DropDocumentParts(parts=("tables", "captions")).run([PAPER]).table.column("text")[0].as_py()
    assert "| 1 | 2 |" not in fewer
    assert "Table 1" not in fewer
    assert "Author" in fewer


def test_a_text_without_such_parts_stays_as_it_is_byte_for_byte() -> None:
    text = "A  text\n\n\n\nwith *odd*   spaces\n* and\n+ lists\n\n"
    assert DropDocumentParts().run([text]).table.column("text")[0].as_py() == text


def test_parts_can_be_left_out_while_converting(serving: Documents, folder: Path) -> None:
    (folder / "paper.md").write_text(PAPER)
    kept, _ = run(ConvertDocuments(drop=("references",)), [{"path": "paper.md"}], serving)
    assert "Author" not in kept[0]["text"]
    assert all("Author" not in block["text"] for block in kept[0]["blocks"])


def test_a_folder_lists_its_documents_by_content(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_DOCUMENTS", str(folder))
    (folder / "outside.md").symlink_to("/etc/hostname")
    (folder / "wrong.pdf").write_text("<!doctype html><p>A page.</p>")
    rows = DocumentFolder().read().to_pylist()
    assert [(row["path"], row["kind"]) for row in rows] == [
        ("one/notes.md", "markdown"),
        ("paper.pdf", "pdf"),
        ("two/notes.md", "markdown"),
        ("wrong.pdf", "html"),
    ]
    assert [row["path"] for row in DocumentFolder(kinds=["pdf"]).read().to_pylist()] == ["paper.pdf"]
    (folder / "one" / "notes.md").write_text("# One\n\nAnother text!")
    changed = [now["path"] for now, before in zip(DocumentFolder().read().to_pylist(), rows, strict=True) if now != before]
    assert changed == ["one/notes.md"]
    assert [row["path"] for row in DocumentFolder(folder=str(folder / "two")).read().to_pylist()] == ["two/notes.md"]
    with pytest.raises(ValueError, match="no folder below"):
        DocumentFolder(folder="/etc")


def test_settings_that_cannot_be_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAFLOW_DOCUMENTS", str(tmp_path / "nowhere"))
    assert "nowhere is no folder" in why_not()
    with pytest.raises(ParameterError, match="nowhere is no folder"):
        open_documents()
    with pytest.raises(ValueError, match=r'no converter of pdf is named "pymupdf"'):
        DocumentSettings(converters={"pdf": "pymupdf"})


def test_documents_of_installed_packages_are_documents(serving: Documents) -> None:
    source = InstalledDocuments()
    first = next(iter(source.batches(size=20)))
    assert first.schema.names == ["path", "content", "package"]
    some = pa.Table.from_batches([first.slice(0, 12)])
    result = ConvertDocuments().run(some, resources={"documents": serving})
    assert result.table.num_rows + result.rejected.num_rows == 12
    assert result.table.num_rows >= 10
