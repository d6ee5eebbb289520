"""Faults of the reference's two language filters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import operators
from operators import MemoryStorage
from operators.asking.answers import Failure
from operators.engine.result import RunResult
from operators.tables.errors import ParameterError, StageFailed
from operators.testing.scripted_serving import ScriptedServing
from operators.text.language import identification as language
from operators.text.language.asked import LLMLanguageFilter
from operators.text.language.identification import LanguageEvaluator, LanguageFilter
from operators.text.raters.instruction_prompts import LanguageAnswer, LanguagePrompt
from tests.faults import fault

ENGLISH = "The committee decided to publish the report in the spring."
GERMAN = "Der Ausschuss beschloss, den Bericht im Frühjahr zu veröffentlichen."


def table(*texts: str | None) -> MemoryStorage:
    return MemoryStorage(pa.table({"row_id": [str(row) for row in range(len(texts))], "text": pa.array(texts, pa.string())}))


class TestLanguageFilter:
    @fault("no probability threshold: a label with probability 0.001 at rank 5 is enough, so the filter is far too permissive")
    def test_only_the_likeliest_language_counts_and_only_when_it_is_likely(self, keeps: Any, reasons: Any) -> None:
        assert keeps(LanguageFilter(keep=["en"]), ENGLISH, GERMAN) == [True, False]
        in_doubt = "ok taxi hotel"
        assert reasons(LanguageFilter(keep=[language.identify_language(in_doubt)[0]], min_confidence=0.99), in_doubt)[0].endswith(
            "below min_confidence = 0.99"
        )
        assert keeps(LanguageFilter(keep=[language.identify_language(in_doubt)[0]], min_confidence=0), in_doubt)

    @fault("no score column is written")
    def test_the_probability_is_a_column_of_the_evaluator_and_part_of_the_reason(self, reasons: Any) -> None:
        kept = MemoryStorage()
        LanguageEvaluator().run(table(ENGLISH, "123", None), into=kept)
        rows = kept.read().to_pylist()
        assert [row["language"] for row in rows] == ["en", "und", None]
        assert rows[0]["language_confidence"] > 0.9
        assert [row["language_confidence"] for row in rows[1:]] == [0.0, None]
        assert reasons(LanguageFilter(keep=["de"]), ENGLISH)[0].startswith("LanguageFilter: language = en (0.9")

    @fault("the shipped pipeline passes a string instead of a list and works only because of substring search")
    def test_one_code_is_a_list_of_one_and_part_of_a_code_is_none(self, keeps: Any) -> None:
        assert LanguageFilter(keep="de").keep == ("de",)
        assert keeps(LanguageFilter(keep="de"), ENGLISH, GERMAN) == [False, True]
        for wrong in ("e", "en,de", "__label__eng_Latn", ""):
            with pytest.raises(ParameterError, match="not the code of a language"):
                LanguageFilter(keep=wrong)

    @fault("model downloaded in constructor, fasttext wheel is unmaintained and tied to numpy<2")
    def test_building_it_loads_nothing_and_running_it_needs_no_network(self, tmp_path: Path) -> None:
        code = "import socket, sys\n"
        code += "def refuse(*arguments): raise SystemExit('a connection was opened')\nsocket.socket.connect = refuse\n"
        code += "from operators.text.language.identification import LanguageFilter\nrule = LanguageFilter()\nprint('fasttext' in sys.modules)\n"
        code += "import numpy, pyarrow as pa\nfrom operators import MemoryStorage\n"
        code += f"print(rule.run(MemoryStorage(pa.table({{'text': [{ENGLISH!r}, {GERMAN!r}]}}))).rows_out, numpy.__version__.split('.')[0])"
        environment = {**os.environ, "PYTHONPATH": str(Path(operators.__file__).parent.parent), "HOME": str(tmp_path)}
        result = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
        loaded, rows_out, numpy_version = result.stdout.split()
        assert (loaded, rows_out) == ("False", "1")
        assert int(numpy_version) >= 2
        assert not list(tmp_path.iterdir())

    @fault("one predict call per row, None crashes")
    def test_rows_come_in_batches_without_nulls_to_a_model_that_is_loaded_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        batches: list[pa.Array] = []
        keep_batch = LanguageFilter.keep_batch

        def noted(rule: LanguageFilter, text: pa.Array) -> Any:
            batches.append(text)
            return keep_batch(rule, text)

        monkeypatch.setattr(LanguageFilter, "keep_batch", noted)
        before = language._model.cache_info().misses
        rejected = MemoryStorage()
        report = LanguageFilter().run(table(*[ENGLISH, None, GERMAN] * 1000), rejected=rejected)
        assert (report.rows_out, report.filtered, report.failed) == (1000, 2000, 0)
        assert rejected.read()["rejected_reason"].to_pylist().count("text is null") == 1000
        assert len(batches) <= 3
        assert not any(batch.null_count for batch in batches)
        assert language._model.cache_info().misses - before <= 1


def answering(*answers: str | Failure) -> ScriptedServing:
    """Answers as given, the last one again and again."""
    left = list(answers)
    return ScriptedServing(lambda request: left.pop(0) if len(left) > 1 else left[0])


def judged(serving: ScriptedServing, *texts: str, **parameters: Any) -> tuple[RunResult, list[str], list[dict[str, Any]]]:
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = LLMLanguageFilter(max_failed=1, **parameters).run(table(*texts), into=kept, rejected=rejected, resources={"llm": serving})
    return report, kept.read()["text"].to_pylist(), rejected.read().to_pylist()


class TestLLMLanguageFilter:
    @fault("answer is not stripped or lower-cased so 'en\\n' or 'EN' drops the row")
    @pytest.mark.parametrize("code", ["en", "EN", "en\n", " En "])
    def test_case_and_spaces_of_the_answer_do_not_count(self, code: str) -> None:
        assert judged(answering(json.dumps({"reason": "", "language": code})), ENGLISH)[1] == [ENGLISH]

    @fault("a failed call (None) silently drops the row")
    def test_a_failed_call_sets_the_row_aside_as_failed_with_the_error(self) -> None:
        report, kept, aside = judged(answering(Failure("timeout", "no answer within 60 s")), ENGLISH)
        assert (kept, report.failed, dict(report.rejected_by)) == ([], 1, {})
        assert (aside[0]["rejected_as"], aside[0]["rejected_reason"]) == ("failed", "timeout: no answer within 60 s")
        with pytest.raises(StageFailed, match="timeout"):
            LLMLanguageFilter().run(table(ENGLISH), resources={"llm": answering(Failure("timeout", "no answer"))})

    @fault("returns the frame instead of key names")
    def test_it_returns_a_report_and_adds_no_column(self) -> None:
        storage = table(ENGLISH, GERMAN)
        report = LLMLanguageFilter().run(storage, resources={"llm": answering('{"reason": "", "language": "en"}')})
        assert isinstance(report, RunResult)
        assert (report.rows_in, report.rows_out, storage.schema.names) == (2, 2, ["row_id", "text"])

    @fault("sends the whole document, no truncation")
    def test_the_model_sees_the_start_of_a_long_text(self) -> None:
        serving = answering('{"reason": "", "language": "en"}')
        assert judged(serving, f"{ENGLISH} " * 10_000, characters=300)[0].rows_out == 1
        assert ENGLISH in str(serving.requests[0].messages[-1].content)
        assert len(str(serving.requests[0].messages[-1].content)) < 400

    @fault("prompt contradicts itself (code vs language name)")
    def test_the_prompt_asks_for_a_code_gives_codes_and_takes_codes_alone(self) -> None:
        system, _ = LanguagePrompt().render({"text": ENGLISH, "characters": 1000})
        given = [words.split()[-1] for words in system.split(" for ")[:-1]]
        assert "ISO 639-1 code" in system
        assert given == ["en", "zh", "de"]
        assert all(LanguageAnswer(language=code).language == code for code in given)
        serving = answering('{"reason": "", "language": "English"}', '{"reason": "", "language": "en"}')
        assert judged(serving, ENGLISH)[1] == [ENGLISH]
        assert len(serving.requests) == 2, "a name is asked about again, not taken for another language"
