"""dataflow compile, dataflow pipelines"""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Dataflow


def test_every_shipped_pipeline_is_listed_and_has_no_problems(dataflow: Dataflow) -> None:
    listed = dataflow("pipelines", "list", "--json").json
    assert "web_text" in {item["name"] for item in listed}
    assert [item["problems"] for item in listed] == [[]] * len(listed)


def test_show_draws_the_stages_as_a_table_and_as_a_graph(dataflow: Dataflow, greetings_file: Path) -> None:
    shown = dataflow("pipelines", "show", f"{greetings_file}:Greetings")
    assert shown.status == 0
    assert "LongGreetingFilter()" in shown.output
    assert "flowchart LR" in shown.output
    assert "trim --> long" in shown.output


def test_mermaid_alone_can_be_put_into_a_document(dataflow: Dataflow, greetings_file: Path) -> None:
    assert dataflow("pipelines", "show", f"{greetings_file}:Greetings", "--mermaid").output.startswith("flowchart LR\n")


def test_a_right_pipeline_compiles(dataflow: Dataflow, greetings_file: Path) -> None:
    compiled = dataflow("compile", f"{greetings_file}:Greetings", "--json")
    assert compiled.status == 0
    assert [stage["name"] for stage in compiled.json["stages"]] == ["trim", "long", "measure"]
    assert compiled.json["stages"][-1]["columns"]["length"] == "integer"


def test_all_mistakes_are_said_at_once_with_the_closest_names(dataflow: Dataflow, greetings_file: Path) -> None:
    compiled = dataflow("compile", f"{greetings_file}:Wrong")
    assert compiled.status == 1
    assert 'no parameter "min_charcters"' in compiled.messages
    assert 'column "txt" does not exist' in compiled.messages
    assert 'did you mean "min_characters"?' in compiled.messages
    assert 'did you mean "text"?' in compiled.messages


def test_the_mistakes_are_data_for_a_program(dataflow: Dataflow, greetings_file: Path) -> None:
    compiled = dataflow("compile", f"{greetings_file}:Wrong", "--json")
    assert compiled.status == 1
    assert compiled.json["ok"] is False
    assert len(compiled.json["problems"]) == 2


def test_a_file_is_checked_for_the_columns_that_the_pipeline_expects(dataflow: Dataflow, greetings_file: Path, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text(json.dumps({"txet": "a"}) + "\n")
    compiled = dataflow("compile", f"{greetings_file}:Greetings", "--input", "other.jsonl")
    assert compiled.status == 1
    assert 'did you mean "txet"?' in compiled.messages


def test_settings_of_a_stage_and_of_the_pipeline_are_checked_too(dataflow: Dataflow, greetings_file: Path) -> None:
    right = dataflow("compile", f"{greetings_file}:Greetings", "--set", "long.min_characters=5", "--set", "min_characters=4", "--json")
    assert right.json["stages"][1]["operator"] == {"operator": "LongGreetingFilter", "min_characters": 5}
    wrong = dataflow("compile", f"{greetings_file}:Greetings", "--set", "lnog.min_characters=5")
    assert wrong.status == 1
    assert 'did you mean "long"?' in wrong.messages


def test_a_pipeline_can_import_an_operator_from_the_file_beside_it(dataflow: Dataflow, greetings_file: Path, tmp_path: Path) -> None:
    text = "from operators.pipeline.pipeline import Pipeline\nfrom greetings import GreetingLength\n\n\nclass Beside(Pipeline):\n"
    text += "    def __init__(self):\n        self.measure = GreetingLength()\n\n    def forward(self, rows):\n        return self.measure(rows)\n"
    (tmp_path / "beside.py").write_text(text)
    assert dataflow("compile", "beside.py").status == 0


def test_an_unknown_pipeline_is_answered_with_the_closest(dataflow: Dataflow) -> None:
    compiled = dataflow("compile", "web_txet")
    assert compiled.status == 1
    assert 'did you mean "web_text"?' in compiled.messages


def test_an_error_in_a_users_file_is_one_sentence_and_with_debug_a_traceback(dataflow: Dataflow, tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text("import nothing_of_this_name\n")
    compiled = dataflow("compile", "faulty.py")
    assert compiled.status == 1
    assert "No module named 'nothing_of_this_name'" in compiled.messages
    assert "Traceback" not in compiled.messages


def test_e6_what_cannot_be_imported_is_a_problem_like_the_others_also_as_data(dataflow: Dataflow, tmp_path: Path) -> None:
    broken = {
        "syntax.py": ("from operators import Pipeline\nclass P(Pipeline)\n    pass\n", "expected ':'", "syntax.py:2"),
        "missing.py": ("import no_such_package_here\n", "No module named 'no_such_package_here'", "missing.py:1"),
        "raises.py": ("\n\nraise ValueError('not today')\n", "ValueError: not today", "raises.py:3"),
        "leaves.py": ("import sys\nsys.exit(3)\n", "SystemExit: 3", "leaves.py:2"),
        "without.py": ("from operators import Pipeline\nclass P(Pipeline):\n    def foward(self, documents): ...\n", "P has no forward", ""),
    }
    for name, (code, said, place) in broken.items():
        (tmp_path / name).write_text(code)
        as_text, as_data = dataflow("compile", f"{name}:P"), dataflow("compile", f"{name}:P", "--json")
        assert (as_text.status, as_data.status) == (1, 1), name
        assert said in as_text.messages
        assert as_data.json["ok"] is False
        [problem] = as_data.json["problems"]
        assert said in problem["message"]
        assert dict(problem["details"]).get("at", "").endswith(place)


def test_e6_a_module_that_is_not_there_says_how_to_name_one(dataflow: Dataflow) -> None:
    [problem] = dataflow("compile", "no.such.module:P", "--json").json["problems"]
    assert problem["message"] == 'there is no module "no.such.module"'


def test_a_class_that_is_wrong_is_told_with_its_own_line_and_not_with_that_of_the_check(dataflow: Dataflow, greetings_file: Path) -> None:
    wrong = greetings_file.read_text().replace("def keep(self, text: str)", "def keep(self, txt: str)")
    greetings_file.write_text(wrong)
    said = dataflow("compile", f"{greetings_file}:Greetings").messages
    line = 1 + wrong.splitlines().index("class LongGreetingFilter(Filter):")
    assert "LongGreetingFilter.keep takes (txt); its inputs and needs are (text)." in said
    assert f"{greetings_file}:{line}\n  code      class LongGreetingFilter(Filter):" in said


def test_a_prompt_that_is_no_template_is_told_with_the_line_that_makes_it(dataflow: Dataflow, tmp_path: Path) -> None:
    file = tmp_path / "asking.py"
    file.write_text(
        "from operators import PromptTemplate\n\nclass Polite(PromptTemplate[str]):\n    user = 'Is {{ text polite?'\n\nprompt = Polite()\n"
    )
    said = dataflow("compile", f"{file}:Any").messages
    assert "Polite: the prompt is not valid Jinja2, line 1" in said
    assert f"{file}:6" in said
