"""Pictures of documents: a crop shows the figure and nothing else is read, fetched or believed."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.document_model.blocks import Block
from operators.document_model.conversion import NotConverted, Source
from operators.document_model.pictures import Picture, PictureForm, PictureResult, named_from, named_within, place_of_target, place_target
from operators.documents.convert import ConvertDocuments, ConvertDocumentSets
from operators.documents.figures import FigureExtractor
from resources.documents import DocumentSettings, open_documents
from resources.documents.sample_pdf import sample_pdf
from resources.documents.serving import Documents
from tests.documents.hostile import archive, docx, epub, pdf
from tests.documents.made_figures import BLUE, GREEN, RED, changed, drawn, in_columns, in_strips, with_drawings, with_picture

pytest.importorskip("pypdfium2")
pytest.importorskip("reportlab")
pytest.importorskip("PIL")

FORM = PictureForm()
SCALE = FORM.dots_per_inch / 72


def png(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (8, 8)) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "png")
    return written.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pictures")
    (made / "book").mkdir()
    return made


@pytest.fixture(scope="module")
def serving(folder: Path) -> Iterator[Documents]:
    made = open_documents(DocumentSettings(folders=(str(folder),), cache=False, parallel=1, memory_megabytes=500, seconds=20, html="whole"))
    yield made
    made.close()


Figures = Callable[[bytes], list[tuple[Block, PictureResult]]]


@pytest.fixture
def figures(serving: Documents) -> Figures:
    """The figures of a PDF with their pictures."""

    def found(content: bytes) -> list[tuple[Block, PictureResult]]:
        document = serving.convert(Source("", content))
        assert not isinstance(document, NotConverted), str(document)
        blocks = [block for block in document.blocks if block.kind == "figure"]
        return list(zip(blocks, serving.pictures(Source("", content), [block.target for block in blocks], FORM), strict=True))

    return found


def opened(result: PictureResult) -> Any:
    from PIL import Image

    assert isinstance(result, Picture), str(result)
    return Image.open(io.BytesIO(result.content)).convert("RGB")


def colour_at(result: PictureResult, across: float, down: float) -> tuple[int, int, int]:
    """The colour at these shares of its width and height."""
    image = opened(result)
    red, green, blue = image.getpixel((int(across * image.width), int(down * image.height)))
    return red, green, blue


def alike(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_crop_shows_the_figure_with_a_margin_however_the_page_is_turned(rotation: int, figures: Figures) -> None:
    [(block, result)] = figures(changed(drawn(with_picture), rotation))
    image = opened(result)
    upright = (160 + 2 * FORM.margin, 80 + 2 * FORM.margin)
    width, height = upright if rotation in (0, 180) else upright[::-1]
    assert abs(image.width - width * SCALE) <= 2
    assert abs(image.height - height * SCALE) <= 2
    red, blue = {0: ((0.25, 0.5), (0.75, 0.5)), 90: ((0.5, 0.25), (0.5, 0.75)), 180: ((0.75, 0.5), (0.25, 0.5)), 270: ((0.5, 0.75), (0.5, 0.25))}[
        rotation
    ]
    assert alike(colour_at(result, *red), RED)
    assert alike(colour_at(result, *blue), BLUE)
    assert colour_at(result, 0.001, 0.001) == (255, 255, 255), "the margin"
    assert block.place.page == 1


def test_the_origin_of_a_page_may_lie_anywhere(figures: Figures) -> None:
    content = changed(drawn(with_picture), crop=(30, 100, 390, 550))
    [(block, result)] = figures(content)
    assert block.place.box == (30.0, 270.0, 190.0, 350.0)
    assert alike(colour_at(result, 0.25, 0.5), RED)
    assert alike(colour_at(result, 0.75, 0.5), BLUE)


def test_a_figure_that_the_page_cuts_off_is_shown_as_far_as_the_page_goes(figures: Figures) -> None:
    [(_, result)] = figures(changed(drawn(with_picture), crop=(0, 0, 140, 600)))
    assert alike(colour_at(result, 0.5, 0.5), RED)
    assert abs(opened(result).width - (80 + FORM.margin) * SCALE) <= 2


def test_pictures_in_two_columns_are_two_figures_each_between_the_text_of_its_column(serving: Documents, figures: Figures) -> None:
    content = drawn(in_columns)
    (_, left), (_, right) = figures(content)
    assert alike(colour_at(left, 0.5, 0.5), RED)
    assert alike(colour_at(right, 0.5, 0.5), GREEN)
    document = serving.convert(Source("", content))
    assert not isinstance(document, NotConverted)
    kinds = [block.kind for block in document.blocks]
    assert kinds == ["paragraph", "figure", "paragraph"] * 2


def test_drawings_are_figures_with_their_labels_and_frames_rules_and_tables_are_none(serving: Documents, figures: Figures) -> None:
    content = drawn(with_drawings)
    circle, chart = figures(content)
    assert circle[0].text == "M"
    assert alike(colour_at(circle[1], 0.25, 0.5), GREEN)
    assert set(chart[0].text.split()) == {"0", "10", "20", "1", "2", "3"}, "the numbers along the axes"
    image = opened(chart[1])
    assert sum(alike(pixel, BLUE) for pixel in image.get_flattened_data()) > 0.05 * image.width * image.height
    document = serving.convert(Source("", content))
    assert not isinstance(document, NotConverted)
    assert [block.kind for block in document.blocks] == ["figure", "figure", "paragraph", "table"]
    assert document.blocks[2].text.count("A framed paragraph") == 3


def test_strips_of_one_picture_are_one_figure(figures: Figures) -> None:
    [(_, result)] = figures(drawn(in_strips))
    assert [alike(colour_at(result, 0.5, down), colour) for down, colour in ((0.2, RED), (0.5, GREEN), (0.8, BLUE))] == [True] * 3


def test_a_large_place_is_drawn_coarser_and_never_larger_than_allowed(serving: Documents) -> None:
    content = drawn(with_picture, size=(5000, 5000))
    whole = place_target((1, (0, 0, 5000, 5000)))
    for most in (10_000, 1_000_000):
        [result] = serving.pictures(Source("", content), [whole], PictureForm(most_pixels=most))
        image = opened(result)
        assert 0.8 * most < image.width * image.height <= 1.05 * most


HOSTILE = {
    "outside the page": ((1, (900.0, 10.0, 950.0, 50.0)), "not found: its box lies outside the page"),
    "left of the page": ((1, (-90.0, 10.0, -50.0, 50.0)), "not found: its box lies outside the page"),
    "no area": ((1, (60.0, 320.0, 60.0, 400.0)), "empty: its box has no area"),
    "turned inside out": ((1, (220.0, 400.0, 60.0, 320.0)), "empty: its box has no area"),
    "white": ((1, (300.0, 500.0, 380.0, 580.0)), "empty: nothing is drawn there"),
    "no such page": ((7, (0.0, 0.0, 9.0, 9.0)), "not found: there is no page 7, only 1"),
    "page nought": ((0, (0.0, 0.0, 9.0, 9.0)), "not found: there is no page 0, only 1"),
}


def test_places_that_cannot_be_drawn_say_so_and_the_others_are_drawn(serving: Documents) -> None:
    good = place_target((1, (60.0, 320.0, 220.0, 400.0)))
    asked = [target for place, _ in HOSTILE.values() for target in (place_target(place), good)]
    made = serving.pictures(Source("", drawn(with_picture)), [*asked, "fig.png", "", "#page=1&viewrect=1e9,0,nan,inf"], FORM)
    assert [str(one) for one in made[: len(asked) : 2]] == [said for _, said in HOSTILE.values()]
    assert all(isinstance(one, Picture) for one in made[1 : len(asked) : 2])
    assert all(isinstance(one, NotConverted) and "names no place of a page" in one.message for one in made[len(asked) :])


@pytest.mark.parametrize("box", ["0 0 1000000000 1000000000", "-5 -5 0 0", "0 0 0 0", "0 0 0.001 100000", "5 5 1 1"])
def test_page_boxes_made_to_do_harm_end_with_a_picture_or_a_reason(box: str, serving: Documents) -> None:
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R >>"
    stream = "<< /Length 38 >>\nstream\n1 0 0 rg 0 0 500000000 500000000 re f  \nendstream"
    content = pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream)
    asked = [place_target((1, (0, 0, most, most))) for most in (100.0, 999_999_999.0)]
    for result in serving.pictures(Source("", content), asked, FORM):
        assert isinstance(result, NotConverted) or opened(result).width * opened(result).height <= 1.1 * FORM.most_pixels


def test_ten_thousand_figures_end_within_the_limits(folder: Path) -> None:
    """Only so many are drawn; the others say why not, and each is a row."""
    from operators.document_model.blocks import Place, figure
    from operators.document_model.column import BLOCKS, rows_of_blocks

    places = [(1, (60.0, 320.0, 61.0 + number / 10, 400.0)) for number in range(10_000)]
    blocks = rows_of_blocks(figure("", place_target(place), Place(1)) for place in places)
    assert len({block["target"] for block in blocks}) == 10_000
    made = open_documents(DocumentSettings(folders=(str(folder),), cache=False, parallel=1, seconds=20))
    try:
        rows = pa.table({"path": ["many.pdf"], "content": [drawn(with_picture)], "blocks": pa.array([blocks], BLOCKS)})
        result = FigureExtractor(max_figures=40, dots_per_inch=36, carry=("path",)).run(rows, resources={"documents": made})
    finally:
        made.close()
    table = result.table
    assert table.num_rows == 10_000
    assert table["picture"].null_count == 10_000 - 40
    assert "more than max_figures=40" in table["no_picture"][9_999].as_py()


def test_a_document_whose_pictures_take_too_long_is_given_up_and_the_next_is_not() -> None:
    made = open_documents(DocumentSettings(cache=False, parallel=1, seconds=0.001))
    try:
        results = made.pictures(Source("", drawn(with_picture)), [place_target((1, (60.0, 320.0, 220.0, 400.0)))] * 3, FORM)
    finally:
        made.close()
    assert {one.cause for one in results if isinstance(one, NotConverted)} == {"time limit"}


# Files of other formats


def test_parts_of_archives_are_taken_and_nothing_outside_them(serving: Documents) -> None:
    picture = png()
    parts = {"text/c.xhtml": '<html><body><p>A ship.</p><img src="../img/ship%201.png" alt="A ship"/></body></html>'}
    book = epub("", href="text/c.xhtml", **{"img/ship 1.png": picture, **parts})
    document = serving.convert(Source("", book))
    assert not isinstance(document, NotConverted)
    [figure] = [block for block in document.blocks if block.kind == "figure"]
    assert figure.target == "img/ship%201.png"
    assert serving.pictures(Source("", book), [figure.target], FORM) == [Picture(picture)]
    letter = docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>", **{"word/media/image1.png": picture, "word/media/image2.emf": b"\x01\0\0\0 EMF"})
    targets = ["word/media/image1.png", "word/media/image2.emf", "word/media/image3.png", "../../etc/passwd", "/etc/passwd"]
    taken, *others = serving.pictures(Source("", letter), targets, FORM)
    assert taken == Picture(picture)
    assert [one.cause for one in others if isinstance(one, NotConverted)] == ["unknown format", "not found", "not found", "not found"]
    [refused] = serving.pictures(Source("", letter), ["word/media/image1.png"], PictureForm(most_bytes=10))
    assert isinstance(refused, NotConverted)
    assert refused.cause == "size limit"


def test_files_beside_a_text_are_read_below_its_folder_only(serving: Documents, folder: Path) -> None:
    (folder / "book" / "text.md").write_text("# A ship\n\n![](ship.png)\n")
    (folder / "book" / "ship.png").write_bytes(png())
    (folder / "book" / "notes.png").write_text("no picture")
    (folder / "secret.png").write_bytes(png())
    (folder / "book" / "link.png").symlink_to(folder / "secret.png")
    source = Source("book/text.md")
    data = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    ship, embedded = serving.pictures(source, ["ship.png", data], FORM)
    assert ship == embedded == Picture(png())
    wrong = {
        "../secret.png": "not allowed",
        "link.png": "not allowed",
        "/etc/passwd": "not allowed",
        "%2e%2e/secret.png": "not allowed",
        "nothing.png": "not found",
        "a\0b.png": "not found",
        "notes.png": "unknown format",
        ".": "not a file",
        "https://example.org/ship.png": "not fetched",
        "//example.org/ship.png": "not fetched",
        "file:///etc/passwd": "not fetched",
        "data:image/png;base64,!!": "damaged",
        "http://[": "not found",
    }
    made = serving.pictures(source, list(wrong), FORM)
    assert {target: one.cause for target, one in zip(wrong, made, strict=True) if isinstance(one, NotConverted)} == wrong
    [of_bytes] = serving.pictures(Source("book/text.md", b"# A ship"), ["ship.png"], FORM)
    assert isinstance(of_bytes, NotConverted), "bytes have no folder, whatever they are called"
    [of_nothing] = serving.pictures(Source("book/missing.md"), ["ship.png"], FORM)
    assert isinstance(of_nothing, NotConverted)


def test_an_archive_that_is_none_gives_a_reason_for_each_picture(serving: Documents) -> None:
    made = serving.pictures(Source("", archive({"a.txt": "harbour"})), ["a.png", "b.png"], FORM)
    assert [one.cause for one in made if isinstance(one, NotConverted)] == ["unknown format"] * 2


# Names

NUMBERS = st.floats(0, 5000).map(lambda number: round(number, 1))


@given(page=st.integers(1, 10**6), left=NUMBERS, top=NUMBERS, width=NUMBERS, height=NUMBERS)
def test_a_place_is_read_back_from_its_name(page: int, left: float, top: float, width: float, height: float) -> None:
    found = place_of_target(place_target((page, (left, top, left + width, top + height))))
    assert found is not None
    assert found[0] == page
    assert all(abs(one - other) < 0.11 for one, other in zip(found[1], (left, top, left + width, top + height), strict=True))


@given(
    st.sampled_from(["a/b.pdf", "b.pdf", "a/b c#d.docx"]), st.sampled_from(["#page=1&viewrect=0,0,9,9", "word/media/a.png", "x.png"]), st.booleans()
)
def test_a_name_with_its_file_leads_back_to_the_target(path: str, target: str, inside: bool) -> None:
    assert named_within(path, named_from(path, target, inside)) == target


# As a table


def test_figures_of_documents_are_rows_with_their_captions_and_pages(serving: Documents) -> None:
    converted = ConvertDocuments().run([{"path": "garden.pdf", "content": sample_pdf()}], resources={"documents": serving})
    result = FigureExtractor(carry=("path",)).run(converted.table, resources={"documents": serving})
    rows = result.table.to_pylist()
    assert [row["figure_page"] for row in rows] == [1, 1, 2, 2]
    assert all(row["picture"].startswith(b"\x89PNG") and row["no_picture"] is None for row in rows)
    assert [f"({row['figure']})" in converted.table["text"][0].as_py() for row in rows] == [True] * 4
    assert set(result.table.schema.names).isdisjoint({"blocks", "content"}), "a figure does not carry its document along"


def test_tables_are_cut_where_they_are_asked_for(serving: Documents) -> None:
    rows = [{"path": "drawings.pdf", "content": drawn(with_drawings)}, {"path": "text.md", "content": b"# Only text"}]
    converted = ConvertDocuments().run(rows, resources={"documents": serving}).table
    figures = FigureExtractor(carry=("path",)).run(converted, resources={"documents": serving})
    assert set(figures.table["figure_kind"].to_pylist()) == {"figure"}
    assert figures.rejected["rejected_reason"].to_pylist() == ["the document has no figures"]
    both = FigureExtractor(include_tables=True, carry=("path",)).run(converted, resources={"documents": serving}).table.to_pylist()
    [table] = [row for row in both if row["figure_kind"] == "table"]
    image = opened(Picture(table["picture"]))
    assert abs(image.width - (240 + 2 * FORM.margin) * SCALE) <= 4
    assert abs(image.height - (60 + 2 * FORM.margin) * SCALE) <= 4


def test_figures_of_several_files_are_named_with_their_file(serving: Documents, folder: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        (folder / "book" / name).write_bytes(drawn(with_picture))
    converted = ConvertDocumentSets().run([{"paths": ["book/one.pdf", "book/two.pdf"]}], resources={"documents": serving})
    rows = FigureExtractor(carry="none").run(converted.table, resources={"documents": serving}).table.to_pylist()
    assert [row["figure"].partition("#")[0] for row in rows] == ["book/one.pdf", "book/two.pdf"]
    assert all(row["picture"] for row in rows)
