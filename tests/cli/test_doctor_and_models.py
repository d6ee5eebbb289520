"""dataflow doctor, dataflow models"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

from dataflow_assets.cli import health
from resources.sandbox.bubblewrap import why_not
from tests.cli.conftest import Dataflow

Finding = dict[str, str]


@pytest.fixture
def findings(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], list[Finding]]:
    """What the doctor says of a subject, where no weights were fetched."""
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path / "models"))
    return lambda subject: [item for item in dataflow("doctor", "--json").json if item["subject"] == subject]


class Server(BaseHTTPRequestHandler):
    """Lists one model to those who have the key."""

    def do_GET(self) -> None:
        allowed = self.headers.get("Authorization") == "Bearer right"
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"data": [{"id": "small-model"}]} if allowed else {"error": "no"}).encode())

    def log_message(self, *args: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/v1"
        listening.shutdown()


@pytest.mark.parametrize(
    ("key", "model", "state", "says"),
    [
        ("right", "small-model", "ok", "answers; model small-model"),
        ("right", "big-model", "warning", "does not list big-model, only small-model"),
        ("wrong", "small-model", "broken", "answers 401"),
    ],
)
def test_the_doctor_asks_the_language_model_server(
    findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch, server: str, key: str, model: str, state: str, says: str
) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server)
    monkeypatch.setenv("DATAFLOW_LLM_API_KEY", key)
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", model)
    [found] = findings("language model")
    assert found["state"] == state
    assert says in found["says"]
    assert key not in json.dumps(found)


@pytest.mark.parametrize(
    ("installed", "model", "state", "says"),
    [
        (True, "some/model", "ok", "vLLM inside this process serves some/model"),
        (True, "", "broken", "which model is not said"),
        (False, "some/model", "broken", "is not installed"),
    ],
)
def test_vllm_in_this_process_is_called_by_its_name(
    installed: bool, model: str, state: str, says: str, findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if installed:
        (tmp_path / "vllm-0.1.dist-info").mkdir()
        (tmp_path / "vllm-0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.1\n")
        monkeypatch.syspath_prepend(tmp_path)
    elif importlib.util.find_spec("vllm"):
        pytest.skip("vLLM is installed")
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDER", "vllm-offline")
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", model)
    [found] = findings("language model")
    assert found["state"] == state
    assert says in found["says"]
    assert "embedded" not in found["says"]


def test_the_embedded_model_that_is_asked_for_by_name_is_said(findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDER", "embedded")
    [found] = findings("language model")
    assert found["says"] == "the embedded model should serve, and its weights are not here (DATAFLOW_LLM_PROVIDER is embedded)"
    assert (found["state"], found["remedy"]) == ("warning", "dataflow models get smollm2")


def test_a_check_that_fails_is_a_finding_and_the_others_are_made(
    findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATAFLOW_MODELS")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 2)  # a user of whom the system knows nothing, as in a container
    [found] = findings("model weights")
    assert (found["state"], "DATAFLOW_MODELS" in found["says"]) == ("broken", True)
    assert findings("Python")[0]["state"] == "ok"


def test_a_setting_that_cannot_be_is_said_in_its_words(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDER", "openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    Path("rows.jsonl").write_text('{"text": "one"}\n')
    said = dataflow("run", "web_text", "-i", "rows.jsonl", "-o", "kept.jsonl")
    assert said.status == 1
    assert said.messages.startswith("error the provider openai needs a key: export OPENAI_API_KEY")
    assert "pydantic" not in said.messages


def test_a_disk_with_little_space_is_said(findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LITTLE_SPACE", 0)
    assert not findings("disk")
    monkeypatch.setattr(health, "LITTLE_SPACE", 1 << 60)
    (finding,) = findings("disk")
    assert finding["state"] == "warning"
    assert "are free at" in finding["says"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_home_of_dagster_that_cannot_be_written_is_broken(
    findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir(mode=0o555)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    [found] = findings("DAGSTER_HOME")
    assert (found["state"], "cannot be written" in found["says"]) == ("broken", True)


@pytest.mark.parametrize(
    ("command", "variable"), [(("models", "get", "smollm2"), "DATAFLOW_MODELS"), (("datasets", "get", "chinook"), "DATAFLOW_DATASETS")]
)
def test_a_cache_folder_that_cannot_be_made_is_said(
    dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...], variable: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(variable, str(tmp_path / "file" / "below"))
    said = dataflow(*command)
    assert said.status == 1
    assert "file/below: cannot be written: a part of this path is a file" in said.messages
    assert variable in said.messages


def test_required_packages_that_lack_come_with_what_installs_them(findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["no-such-package>=2,<3"])
    [found] = findings("packages")
    assert (found["says"], found["remedy"]) == ("no-such-package is missing", "pip install 'no-such-package<3,>=2'")


def test_a_server_that_is_not_there_is_broken_and_ends_with_status_1(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    said = dataflow("doctor", "--json")
    assert said.status == 1
    assert "does not answer" in next(item["says"] for item in said.json if item["subject"] == "language model")


def test_a_key_in_the_address_is_not_shown(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", "https://me:hidden-word@example.invalid/v1")
    said = dataflow("doctor")
    assert said.status == 1
    assert "hidden-word" not in said.output + said.messages


def test_the_doctor_runs_a_program_in_the_sandbox(findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch) -> None:
    works = not why_not()
    (found,) = findings("sandbox")
    assert found["state"] == ("ok" if works else "warning")
    assert ("python" if works else "bubblewrap") in found["says"]
    monkeypatch.setenv("DATAFLOW_SANDBOX_PROGRAMS_AT_ONCE", "many")
    monkeypatch.setenv("DATAFLOW_SANDBOX_MAX_SECONDS", "never")
    (wrong,) = findings("sandbox")
    assert wrong["state"] == "broken"
    assert "max_seconds" in wrong["says"]


def test_missing_weights_come_with_the_command_that_fetches_them(findings: Callable[[str], list[Finding]]) -> None:
    [found] = findings("model smollm2")
    assert found["state"] == "warning"
    assert found["remedy"] == "dataflow models get smollm2"


def test_weights_that_were_changed_are_noticed(findings: Callable[[str], list[Finding]]) -> None:
    from resources import models

    status = next(status for status in models.list() if status.weights.name == "smollm2")
    status.path.parent.mkdir(parents=True)
    with status.path.open("wb") as file:
        file.truncate(status.weights.size)
    [found] = findings("model smollm2")
    assert found["state"] == "broken"


def test_models_list_says_what_is_here(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path))
    listed = {model["name"]: model for model in dataflow("models", "list", "--json").json}
    assert (listed["smollm2"]["licence"], listed["smollm2"]["present"]) == ("Apache-2.0", False)


def test_an_unknown_model_is_answered_with_those_there_are(dataflow: Dataflow) -> None:
    said = dataflow("models", "get", "smolm2")
    assert said.status == 1
    assert "smollm2" in said.messages


def test_without_an_instance_the_doctor_says_how_to_make_one(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    [found] = [item for item in dataflow("doctor", "--json").json if item["subject"] == "DAGSTER_HOME"]
    assert found["remedy"] == "export DAGSTER_HOME=FOLDER"


def test_a_pipe_that_is_closed_early_is_no_error() -> None:
    command = f"{sys.executable} -c 'from dataflow_assets.cli import main; raise SystemExit(main())' operators list --json"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", f"{command} | head -c 10"], capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.returncode == 0


def test_models_are_fetched_listed_found_and_removed(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path / "models"))
    content = b"weights"
    (tmp_path / "copy.gguf").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    entry = {"description": "d", "licence": "MIT", "file": "tiny.gguf", "size": len(content), "sha256": digest, "caution": "it knows nothing"}
    (tmp_path / "catalog.json").write_text(json.dumps({"tiny": {**entry, "carriers": [{"file": str(tmp_path / "copy.gguf")}]}}))
    monkeypatch.setenv("DATAFLOW_MODEL_CATALOG", str(tmp_path / "catalog.json"))
    assert dataflow("models", "path", "tiny").status == 1
    said = dataflow("models", "get", "tiny")
    assert "fetching tiny: 0.0 MB, licence MIT" in said.messages
    path = said.output.split()[-1]
    assert Path(path).read_bytes() == content
    assert dataflow("models", "path", "tiny").output.strip() == path
    listed = {model["name"]: model for model in dataflow("models", "list", "--json").json}
    assert (listed["tiny"]["present"], listed["tiny"]["caution"]) == (True, "it knows nothing")
    assert "it knows nothing" in dataflow("models", "list").output
    assert dataflow("models", "remove", "tiny").status == 0
    assert not Path(path).exists()


def test_a_copy_is_for_one_model(dataflow: Dataflow) -> None:
    assert "name that one" in dataflow("models", "get", "--from", "x.gguf").messages


@pytest.mark.parametrize(
    ("model", "says", "remedy"),
    [
        ("qwen2.5-coder-0.5b", "should serve", "dataflow models get qwen2.5-coder-0.5b"),
        ("gpt-4.1-mini", "no embedded model is called 'gpt-4.1-mini'", "correct DATAFLOW_LLM_MODEL or DATAFLOW_LLM_BASE_URL"),
    ],
)
def test_an_embedded_model_that_is_not_here_is_broken(
    findings: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch, model: str, says: str, remedy: str
) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", model)
    [found] = findings("language model")
    assert (found["state"], found["remedy"]) == ("broken", remedy)
    assert says in found["says"]


def test_large_models_that_nobody_fetched_are_no_finding(findings: Callable[[str], list[Finding]]) -> None:
    assert not findings("model qwen2.5-coder-0.5b")
