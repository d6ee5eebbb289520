"""What is wrong with all of the reference's rule filters and not with ours: missing values, numbers, lost rows and reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from operators import FileStorage, MemoryStorage
from operators.core import registry
from operators.tables.errors import ColumnError
from operators.text.rules.stop_words import StopWordsFilter
from operators.text.rules.whole_text import CharacterCountFilter, WordCountFilter
from tests.faults import fault

REFERENCE = (
    *("ColonEndFilter", "SentenceNumberFilter", "LineEndWithEllipsisFilter", "ContentNullFilter", "SymbolWordRatioFilter", "AlphaWordsFilter"),
    *("HtmlEntityFilter", "IDCardFilter", "NoPuncFilter", "SpecialCharacterFilter", "WatermarkFilter", "MeanWordLengthFilter", "StopWordFilter"),
    *("CurlyBracketFilter", "CapitalWordsFilter", "LoremIpsumFilter", "UniqueWordsFilter", "CharNumberFilter", "LineStartWithBulletpointFilter"),
    *("LineWithJavascriptFilter", "BlocklistFilter", "WordNumberFilter", "NgramFilter"),
)
CHINESE = (
    "今天天气很好，我们决定去公园散步。公园里有很多人，孩子们在草地上奔跑。"
    "我们坐在湖边的长椅上，看着远处的山。傍晚的时候，我们一起回家吃饭，大家都觉得很开心。"
)
GOOD = (
    "The weather is good today, and we decided to walk in the park. There were many people, with children running on the grass. "
    "We had to go home in the evening. It was dark by then, but the lamps of the old town gave enough light to see the way, and so nobody "
    "minded that the walk took longer than we had planned."
)
JUNK = (
    *("", "{#...#}:", "\ufffd" * 9, "lorem ipsum:", "-- ... " * 400, "x" * 60 + " &amp;", "javascript", "ID 219-46-8132", "AA BB CC", "w " * 900),
    *("- a\n- b", "copyright\ncopyright", "blowjob", "...\n..."),
)

every_rule = pytest.mark.parametrize("rule", [registry.find(name)() for name in REFERENCE], ids=REFERENCE)

A_VALUE_IS_MISSING = fault("float NaN is truthy, so a missing value read from CSV/JSON reaches a str method and crashes; numbers crash as well")


def outcome(rule: Any, storage: Any) -> tuple[list[str], dict[str | None, str]]:
    """The texts that stay, and the reasons of those that do not."""
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = rule.run(storage, into=kept, rejected=rejected)
    assert report.failed == 0
    return kept.read()["text"].to_pylist(), {row["text"]: row["rejected_reason"] for row in rejected.read().to_pylist()}


@every_rule
@A_VALUE_IS_MISSING
def test_a_value_that_is_missing_from_a_csv_file_is_a_rejected_row(rule: Any, tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text(f'text,number\n"{GOOD}",1\n,2\n7,3\n')
    kept, reasons = outcome(rule, FileStorage(file))
    assert GOOD in kept
    assert reasons[None] == "text is null"
    assert ("7" in kept) != ("7" in reasons)


@every_rule
@A_VALUE_IS_MISSING
@pytest.mark.parametrize("missing", ['{"text": null}', '{"other": 1}'])
def test_a_value_that_is_missing_from_a_json_file_is_a_rejected_row(rule: Any, missing: str, tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(f'{{"text": "{GOOD}"}}\n{missing}\n{{"text": 3.5}}\n')
    kept, reasons = outcome(rule, FileStorage(file, types={"text": str}))
    assert GOOD in kept
    assert reasons[None] == "text is null"
    assert ("3.5" in kept) != ("3.5" in reasons)


@every_rule
@A_VALUE_IS_MISSING
def test_nan_in_a_data_frame_is_a_rejected_row(rule: Any) -> None:
    kept, reasons = outcome(rule, MemoryStorage(pd.DataFrame({"text": [GOOD, float("nan"), None]})))
    assert (kept, reasons) == ([GOOD], {None: "text is null"})


@every_rule
@A_VALUE_IS_MISSING
def test_a_column_of_numbers_is_refused_before_any_row_is_read(rule: Any) -> None:
    with pytest.raises(ColumnError, match='column "number" is number, but text is needed'):
        rule.run(MemoryStorage(pa.table({"number": [1.5], "text": [GOOD]})), input_text="number")


@every_rule
@fault("only survivors are written, so the 0/1 label is always 1 downstream and the rejected rows and reasons are lost")
def test_every_row_is_either_kept_as_it_was_or_set_aside_with_the_reason(rule: Any) -> None:
    table = pa.table({"row_id": [str(row) for row in range(len(JUNK) + 1)], "text": [GOOD, *JUNK], "other": range(len(JUNK) + 1)})
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = rule.run(MemoryStorage(table), into=kept, rejected=rejected)
    assert kept.schema == table.schema, "no column of labels that are all 1"
    stayed, aside = kept.read().to_pylist(), rejected.read().to_pylist()
    assert sorted([*stayed, *({name: row[name] for name in table.schema.names} for row in aside)], key=lambda row: row["other"]) == table.to_pylist()
    assert "0" in {row["row_id"] for row in stayed}
    assert aside, "one of the bad texts is of the kind that the rule is made for"
    assert all(row["rejected_reason"].startswith(f"{rule.name}: ") and len(row["rejected_reason"]) > len(rule.name) + 3 for row in aside)
    assert all(row["rejected_by"] == rule.name for row in aside)
    assert report.rejected_by == {rule.name: len(aside)}


@every_rule
def test_chinese_prose_is_not_dropped_for_having_no_spaces(rule: Any, keeps: Any) -> None:
    settings: dict[Any, dict[str, Any]] = {
        StopWordsFilter: {"language": "zh"},
        CharacterCountFilter: {"min_characters": 50},
        WordCountFilter: {"min_words": 5},
    }
    assert keeps(rule.changed(**settings.get(type(rule), {})), CHINESE)
