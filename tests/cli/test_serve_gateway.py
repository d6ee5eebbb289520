"""`dataflow serve` says before it starts what it cannot do, and what to do instead."""

from __future__ import annotations

import re
import shlex
import socket
from contextlib import closing
from pathlib import Path

import pytest

from dataflow_assets.cli import gateway
from tests.cli.conftest import Dataflow
from tests.resources.llm.fault_server import running


def test_help_explains_the_gateway_and_the_servers(dataflow: Dataflow) -> None:
    said = dataflow("serve", "--help")
    assert said.status == 0
    assert all(word in said.output for word in ("gateway", "--budget-usd", "vllm", "sglang", "dataflow serve --rpm 3000"))


def commands() -> list[list[str]]:
    """Every `dataflow serve` of the documentation and of the help."""
    docs = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
    found = re.findall(r"dataflow (serve[^`#\n]*)", docs + gateway.EXAMPLES)
    return [shlex.split(command) for command in dict.fromkeys(found) if command.split("`")[0].strip() != "serve"]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_what_the_documentation_types_is_understood(command: list[str], dataflow: Dataflow) -> None:
    assert dataflow(*command, "--help").status == 0


def test_an_option_that_is_not_there_is_seen(dataflow: Dataflow) -> None:
    assert dataflow("serve", "--rpn", "5", "--help").status == 2


def test_other_machines_need_a_token(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAFLOW_GATEWAY_TOKEN", raising=False)
    said = dataflow("serve", "--host", "0.0.0.0")
    assert said.status == 1
    assert "set DATAFLOW_GATEWAY_TOKEN to a secret of 16 characters or more" in said.messages
    monkeypatch.setenv("DATAFLOW_GATEWAY_TOKEN", "too-short-a-key")
    assert "too-short-a-key" not in dataflow("serve").messages


def test_options_of_the_gateway_are_not_taken_for_those_of_a_server(dataflow: Dataflow) -> None:
    said = dataflow("serve", "--rpm", "5", "vllm", "some/model", "--print")
    assert said.status == 1
    assert "options of the gateway stand before vllm" in said.messages
    assert dataflow("serve", "vllm", "some/model", "--print").status == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read"),
        ("attributes: [", "cannot be read"),
        ("attributes: {pipeline: web_text}", "names no language model"),
        ("attributes: {llms: {llm: {model: '{{ env.MODEL }}'}}}", "only Dagster fills in"),
        ("attributes: {llms: {llm: {model: m, base_url: 'http://127.0.0.1:8100'}}}", "names this gateway itself|name this gateway itself"),
        ("attributes: {llms: {llm: {provider: openai, model: m, batch: true}}}", "batch: true"),
        ("attributes: {llms: {llm: {model: no-such-model}}}", "no-such-model"),
    ],
)
def test_a_deployment_that_cannot_be_served_is_refused_in_a_sentence(
    text: str | None, says: str, dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    if text is not None:
        (tmp_path / "defs.yaml").write_text(text)
    said = dataflow("serve", "--defs", str(tmp_path))
    assert said.status == 1
    assert any(part in said.messages for part in says.split("|")), said.messages
    assert "Traceback" not in said.messages


def test_a_port_that_is_taken_is_said(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server, closing(socket.create_server(("127.0.0.1", 0))) as taken:
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        port = str(taken.getsockname()[1])
        said = dataflow("serve", "--port", port)
        assert said.status == 1
        assert f"cannot listen on 127.0.0.1:{port}" in said.messages


def test_a_server_that_is_not_there_is_said_before_anybody_asks(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", "http://127.0.0.1:9")
    said = dataflow("serve", "--port", "0")
    assert said.status == 1
    assert "cannot be reached" in said.messages


def test_a_setting_of_the_gateway_that_is_wrong_is_named(dataflow: Dataflow) -> None:
    said = dataflow("serve", "--budget-per", "year", "--port", "0")
    assert (said.status, "error budget_per: Input should be 'run', 'day' or 'ever'" in said.messages) == (1, True), said.messages
