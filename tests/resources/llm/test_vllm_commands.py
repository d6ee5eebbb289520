"""What `dataflow serve` would run."""

from __future__ import annotations

import pytest

from dataflow_assets.cli import main
from operators.asking.answers import ServingStopped


def test_vllm_is_served_with_the_names_of_its_own_options(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(
        ["serve", "vllm", "my model", "--gpus", "2", "--name", "judge", "--max-model-len", "4096", "--print", "--", "--quantization", "fp8"]
    )
    printed = capsys.readouterr()
    assert status == 0
    assert printed.out == (
        "python -m vllm.entrypoints.cli.main serve 'my model' --host 127.0.0.1 --port 8000 --enable-prefix-caching "
        """--structured-outputs-config '{"backend":"guidance","disable_any_whitespace":true}' """
        "--served-model-name judge --tensor-parallel-size 2 --max-model-len 4096 --quantization fp8\n"
    )
    assert "DATAFLOW_LLM_BASE_URL=http://127.0.0.1:8000/v1" in printed.err


def test_sglang_is_served_with_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "sglang", "model", "--gpus", "4", "--gpu-memory", "0.8", "--port", "30001", "--print"]) == 0
    expected = "python -m sglang.launch_server --model-path model --host 127.0.0.1 --port 30001 --tp 4 --mem-fraction-static 0.8\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(("server", "install"), [("vllm", "dataflow-dagster[vllm]"), ("sglang", "pip install sglang")])
def test_a_server_that_is_not_installed_is_said_with_the_command_that_installs_it(
    server: str, install: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", server, "model"]) == 1
    assert install in capsys.readouterr().err


def test_the_offline_engine_says_what_it_needs_and_what_else_there_is() -> None:
    from resources.llm.backends.vllm_offline import open_vllm

    with pytest.raises(ServingStopped, match=r"pip install 'dataflow-dagster\[vllm\]'.*dataflow serve vllm some/model"):
        open_vllm("some/model")
