"""Rules of source files: what each drops and keeps, why it says so, and that they are held against the language and the name of the file."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from operators import Sequential
from operators.code.rules.characters import CommentShareFilter, CompositionFilter, EncodedDataFilter
from operators.code.rules.evaluator import NAMES, SourceStatisticsEvaluator
from operators.code.rules.file_type import FileTypeFilter
from operators.code.rules.generated import GeneratedSourceFilter
from operators.code.rules.layout import LineLengthFilter, SourceSizeFilter, SourceWordsFilter
from operators.code.rules.repetition import RepetitiveSourceFilter, SourceMarksFilter
from operators.code.rules.rule_set import source_quality
from operators.engine.batch import Batch
from operators.kernels.text_statistics import TextStatistics
from tests.faults import fault

FUNCTIONS = "".join(
    f"def scale_{name}(value, factor={number}):\n    '''Times {number}.'''\n    return value * factor + offset_of({name!r})\n\n\n"
    for number, name in enumerate(("width", "height", "depth", "weight", "speed"), 2)
)


def file(text: str | None, filename: str | None = "module.py", **more: Any) -> dict[str, Any]:
    return {"text": text, "filename": filename, **more}


def kept(ran: Any, rule: Any, *rows: dict[str, Any]) -> list[str]:
    return [row["filename"] for row in ran(rule, list(rows))[0]]


def test_an_ordinary_module_passes_all_rules(ran: Any) -> None:
    assert kept(ran, Sequential(*source_quality(min_comments=0.01)), file(FUNCTIONS)) == ["module.py"]


def test_the_rules_of_a_stage_count_each_group_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.kernels import text_statistics

    scans: list[str] = []
    count, words, repetition = text_statistics._count, TextStatistics._count_words, TextStatistics._measure_repetition
    monkeypatch.setattr(text_statistics, "_count", lambda group, spans: (scans.append(group), count(group, spans))[1])
    monkeypatch.setattr(TextStatistics, "_count_words", lambda text, part, prose: (scans.append("words"), words(text, part, prose))[1])
    monkeypatch.setattr(TextStatistics, "_measure_repetition", lambda text, part: (scans.append("repetition"), repetition(text, part))[1])
    rows = pa.record_batch({"row_id": ["a"], "text": [FUNCTIONS], "filename": ["module.py"]})
    assert len(Sequential(*source_quality()).process(Batch(rows), {}).kept) == 1
    assert sorted(scans) == sorted(set(scans))
    assert {"characters", "words", "lines", "encoded", "repetition"} <= set(scans)


@fault("[verified] with a text column every character counts as one line of length 1, so nothing ever fails")
def test_minified_code_is_dropped_by_the_length_of_its_lines_and_says_so(ran: Any) -> None:
    minified = file("var a=" + "f(1),g(2)," * 300 + "0;\n", "app.js")
    _, aside = ran(LineLengthFilter(), [minified, file(FUNCTIONS)])
    assert [row["filename"] for row in aside] == ["app.js"]
    assert "longest_line = 3008, above max_longest = 1000" in aside[0]["rejected_reason"]
    assert "line_characters / (all lines) = 3008, above max_mean = 100" in aside[0]["rejected_reason"]


@fault(
    'language is only known inside a dict cell; with the usual list column it is "unknown", so the '
    "excluded-language rule is unreachable in the shipped pipeline"
)
def test_languages_of_long_lines_are_held_against_their_longest_line_alone(ran: Any) -> None:
    prose = "word " * 400
    assert kept(ran, LineLengthFilter(), file(prose, "README.md"), file(prose, "data.py"), file(prose, None, language="Markdown")) == [
        "README.md",
        None,
    ]
    assert kept(ran, LineLengthFilter(max_longest_of_text=1000), file(prose, "README.md")) == []


def test_blank_lines_are_lines(ran: Any) -> None:
    text = "x" * 150 + "\n\n"
    assert kept(ran, LineLengthFilter(), file(text)) == ["module.py"]
    assert kept(ran, LineLengthFilter(max_lines=1), file(text)) == []


@fault("language only known inside a dict cell")
@fault("None cells crash; the empty text fails with ratio 0")
@fault("None cells crash")
def test_composition_follows_the_language_and_has_no_say_on_nothing(ran: Any) -> None:
    numbers = "12 34 56 78 90 ab\n" * 20
    rows = [file(numbers, "table.py"), file(numbers, "table.wat"), file("", "empty.py"), file(None, "null.py"), file(FUNCTIONS)]
    going, aside = ran(CompositionFilter(), rows)
    assert [row["filename"] for row in going] == ["table.wat", "empty.py", "module.py"]
    assert {row["filename"]: row["rejected_reason"].split(" = ")[0] for row in aside} == {
        "table.py": "CompositionFilter: letters / characters",
        "null.py": "text is null",
    }
    assert ran(EncodedDataFilter(), [file(None, "null.py")])[1][0]["rejected_reason"] == "text is null"


@fault("[verified] a plain string column is sliced as characters: only the first 5 characters are examined, so the marker is missed")
@fault("the callback gets no file content, so it cannot decide anything")
def test_a_marker_in_the_first_lines_or_a_generators_name_makes_a_file_generated(ran: Any) -> None:
    marked = "#!/bin/sh\n# a licence\n# of four\n# lines\n# This file was Automatically Generated by make.\n" + FUNCTIONS
    generator = FUNCTIONS + '\nHEADER = "# automatically generated"\n'
    rows = [file(marked, "a.sh"), file(FUNCTIONS, "b_pb2.py"), file(FUNCTIONS, "dist/app.min.js"), file(generator, "gen.py"), file(FUNCTIONS, "c.py")]
    going, aside = ran(GeneratedSourceFilter(), rows)
    assert [row["filename"] for row in going] == ["gen.py", "c.py"]
    assert aside[0]["rejected_reason"] == "GeneratedSourceFilter: marks of a generator in the first lines = 1, above 0"
    assert aside[1]["rejected_reason"] == "GeneratedSourceFilter: names that generators give = 1, above 0"
    assert kept(ran, GeneratedSourceFilter(markers=("offset_of",), names=()), file(FUNCTIONS)) == []


@fault("[verified] newline belongs to the base64 class, so plain word lists or short identifier lines joined by newlines are rejected as base64")
def test_lists_of_words_and_long_names_are_no_base64(ran: Any) -> None:
    words = "".join(f"{word}\n" for word in ("harbour ferry island bread letter winter summer Market Bridge9 tower".split() * 20))
    rulers = "/" * 80 + "\n" + "+" * 80 + "\n" + "=" * 80 + "\n" + "a" * 200 + "\n"
    picture = 'ICON = "' + "iVBORw0KGgoAAAANSUhEUgAA" * 40 + '"\n'
    assert kept(ran, EncodedDataFilter(), file(words, "words.txt"), file(rulers, "rulers.c"), file(picture, "icon.py")) == ["words.txt", "rulers.c"]


@fault("the hex regex can backtrack on long hex dumps (not measured)")
def test_a_hex_dump_of_a_megabyte_is_judged_by_its_share_and_its_longest_run(ran: Any) -> None:
    dump = "static const char data[] = {" + "0x1f, " * 150_000 + "};\n"
    _, aside = ran(EncodedDataFilter(), [file(dump, "data.c")])
    assert "hexadecimal_characters / characters = 1" in aside[0]["rejected_reason"]
    key = FUNCTIONS * 10 + "KEY = '" + "aB3d" * 300 + "'\n"
    assert kept(ran, EncodedDataFilter(), file(key)) == []
    assert kept(ran, EncodedDataFilter(max_run=2000), file(key)) == ["module.py"]


@fault("defaults disable every rule except size")
def test_the_defaults_drop_what_repeats_itself_says_little_or_is_a_table_of_constants(ran: Any) -> None:
    # sentences of the reason, in the order of the rows
    repeated = file("import os\n" + "    print('the same line again')\n" * 60, "repeated.py")
    poor = file("x = 1\n" * 2 + "y = 1\n", "poor.py")
    constants = file("".join(f"MAX_{name} = LIMIT_{name}\n" for name in ("A", "B", "C", "D", "E", "F", "G")) * 1 + "END\n" * 8, "constants.py")
    assert kept(ran, RepetitiveSourceFilter(), repeated, poor, file(FUNCTIONS)) == ["module.py"]
    assert kept(ran, SourceMarksFilter(), constants, file(FUNCTIONS)) == ["module.py"]
    assert kept(ran, SourceSizeFilter(), file("x = 1\n", "tiny.py"), file("a b\n" * 60_000, "huge.py"), file(FUNCTIONS)) == ["module.py"]
    assert kept(ran, SourceWordsFilter(), file("x = 1\n", "tiny.py"), file("a b\n" * 60_000, "huge.py"), file(FUNCTIONS)) == ["module.py"]


@fault("language and filename are read but never used")
def test_capitals_count_where_the_language_is_not_written_in_them(ran: Any) -> None:
    fortran = "      SUBROUTINE AXPY\n      INTEGER COUNT\n      CALL SCALE\n      END SUBROUTINE\n"
    assert kept(ran, SourceMarksFilter(), file(fortran, "axpy.f"), file(fortran, "axpy.py")) == ["axpy.f"]


def test_comments_are_those_of_the_language_and_other_files_are_no_business_of_the_rule(ran: Any) -> None:
    plain = "x = 1\ny = x + 1\n" * 20
    buried = "# old = 1\n" * 90 + "x = 1\n"
    rows = [file(plain, "plain.py"), file(buried, "buried.py"), file(FUNCTIONS), file(plain, "plain.json"), file(plain, "plain")]
    going, aside = ran(CommentShareFilter(), rows)
    assert [row["filename"] for row in going] == ["module.py", "plain.json", "plain"]
    assert [row["rejected_reason"].split(",")[1] for row in aside] == [" below min_share = 0.01", " above max_share = 0.8"]
    assert kept(ran, CommentShareFilter(), file("// why\nint x = 1;\n", "a.c"), file("// why\nint x = 1;\n", "a.py")) == ["a.c"]


@fault("[verified] the filename rule for text is unreachable because text is caught by the size rule first")
@fault("fixed column names although an input_key is demanded (the shipped pipeline passes a column that does not exist)")
def test_plain_text_stays_under_a_name_of_documentation_and_columns_can_be_bound(ran: Any) -> None:
    rows = [{"body": "some words", "path": name} for name in ("docs/README.txt", "requirements-dev.txt", "words.txt", "LICENSE", "data.yaml")]
    bound = FileTypeFilter().bind(input_text="body", input_filename="path")
    going, aside = ran(bound, rows)
    assert [row["path"] for row in going] == ["docs/README.txt", "requirements-dev.txt", "data.yaml"]
    assert aside[0]["rejected_reason"] == "FileTypeFilter: has the name of documentation = 0, below 1"
    problems = FileTypeFilter().bind(input_text="bdoy").problems(pa.schema([("body", pa.string())]))
    assert 'column "bdoy" does not exist' in str(problems[0])


@fault("missing html measures give 0 and drop the page")
def test_a_page_is_kept_for_what_a_reader_sees_of_it(ran: Any) -> None:
    prose = "<p>" + "The ferry leaves the harbour at six in the morning. " * 5 + "</p>"
    shell = "<html><script>" + "load();" * 100 + "</script><div></div></html>"
    going, aside = ran(FileTypeFilter(), [file(f"<html>{prose}</html>", "a.html"), file(shell, "b.html"), file(shell, "c.xml")])
    assert [row["filename"] for row in going] == ["a.html", "c.xml"]
    assert "visible_characters = 0, below min_visible = 100" in aside[0]["rejected_reason"]


def test_long_files_of_data_are_dropped_and_programs_are_not(ran: Any) -> None:
    lines = "- item: 1\n" * 600
    assert kept(ran, FileTypeFilter(), file(lines, "a.yaml"), file(lines, "a.json"), file(lines, "a.py"), file(lines, None)) == ["a.py", None]


@fault(
    "[verified] positional index used as label: on a frame whose index is not 0..n-1 scores land on new extra rows "
    "(3 rows became 5 and the bad row survived)"
)
@fault(
    "[same code as CodeLengthSampleFilter, verified there] positional index used as label: on a frame whose index "
    "is not 0..n-1 scores land on new extra rows (3 rows became 5 and the bad row survived)"
)
@pytest.mark.parametrize("rule", source_quality(min_comments=0.01), ids=lambda rule: rule.name)
def test_a_pandas_table_with_an_index_of_its_own_loses_and_gains_no_row(rule: Any) -> None:
    pandas = pytest.importorskip("pandas")
    bad = "# auto-generated\nx='" + "0x1f," * 900 + "'\n"
    frame = pandas.DataFrame({"text": [FUNCTIONS, bad, FUNCTIONS], "filename": ["a.py", "b.py", "c.py"]}, index=[7, 40, 2])
    from operators import MemoryStorage

    going, aside = MemoryStorage(), MemoryStorage()
    rule.run(frame, into=going, rejected=aside)
    names = [row["filename"] for row in (*going.read().to_pylist(), *aside.read().to_pylist())]
    assert sorted(names) == ["a.py", "b.py", "c.py"]
    assert {"a.py", "c.py"} <= set(names[: len(going.read())])


@fault("survivors only are written, so the label is always 1 and rejects vanish")
@fault("NaN scores pass")
@fault("validation helper refers to an attribute that does not exist and is unused")
@fault(
    "about 20 helper metrics (bullet, readmore, url share, replacement characters, hex words ...) and a rule "
    "function are dead code; the rule function calls a method that does not exist"
)
@pytest.mark.parametrize("rule", source_quality(min_comments=0.01), ids=lambda rule: rule.name)
def test_every_rule_sets_rejected_rows_aside_with_a_reason_and_passes_nothing_null(rule: Any, ran: Any) -> None:
    rows = [file(None), file(""), file("# auto-generated\n" + "A={}\n" * 9000, "a.py"), file("x" * 90_000, "x.txt"), file(FUNCTIONS)]
    going, aside = ran(rule, rows)
    assert len(going) + len(aside) == len(rows)
    assert all(row["text"] is not None for row in going)
    assert aside
    assert all(row["rejected_reason"] for row in aside)
    assert FUNCTIONS in [row["text"] for row in going]


@fault("run returns None")
@fault("n-gram ratios computed twice per row")
def test_statistics_are_columns_of_the_names_asked_for(ran: Any) -> None:
    evaluator = SourceStatisticsEvaluator(statistics=NAMES)
    rows, _ = ran(evaluator, [file(FUNCTIONS), file("", "empty.py"), file(None, "null.py")])
    assert set(NAMES) <= set(rows[0])
    assert rows[0]["all_lines"] == 25
    assert rows[0]["longest_line"] == max(map(len, FUNCTIONS.splitlines()))
    assert 0 < rows[0]["comments_share"] < 0.3
    assert rows[0]["generator_marks"] == 0
    assert rows[1]["letters_share"] == 0
    assert rows[2]["letters_share"] is None
    report = SourceStatisticsEvaluator().run([file(FUNCTIONS)])
    assert (report.report.rows_in, report.report.rows_out) == (1, 1)


def test_a_statistic_that_does_not_exist_is_refused_with_the_closest_name() -> None:
    with pytest.raises(Exception, match='did you mean "letters_share"'):
        SourceStatisticsEvaluator(statistics=("leters_share",))


def test_wrong_patterns_and_empty_markers_are_refused() -> None:
    with pytest.raises(Exception, match="is no regular expression"):
        GeneratedSourceFilter(names=("(",))
    with pytest.raises(Exception, match="would match everywhere"):
        GeneratedSourceFilter(markers=(" ",))
