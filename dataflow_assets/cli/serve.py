"""dataflow serve: the gateway; or a server of a language model with the options that suit this project, or the command that starts it."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from typing import Annotated

import typer

from dataflow_assets.cli import gateway
from dataflow_assets.cli.console import examples, fail, messages

app = typer.Typer(invoke_without_command=True, callback=gateway.gateway, epilog=gateway.EXAMPLES)

Model = Annotated[str, typer.Argument(help="A folder of weights, or a name that the server can fetch.")]
Name = Annotated[str | None, typer.Option(help="Name of the model for clients.")]
Host = Annotated[str, typer.Option(help="Address to listen on. 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]
Gpus = Annotated[int | None, typer.Option(min=1, help="Spread the model over so many GPUs.")]
GpuMemory = Annotated[float | None, typer.Option(min=0.05, max=1.0, help="Share of the GPU memory to use.")]
MaxModelLen = Annotated[int | None, typer.Option(min=16, help="Longest prompt and answer together, in tokens.")]
Print = Annotated[bool, typer.Option("--print", help="Print the command instead of running it.")]
Further = Annotated[list[str] | None, typer.Argument(help="After --: options of the server itself.")]


@app.command(
    "vllm",
    epilog=examples(
        "dataflow serve vllm Qwen/Qwen3-8B",
        "dataflow serve vllm Qwen/Qwen3-32B --gpus 2 --max-model-len 16384 --print",
        "dataflow serve vllm ./weights --name judge -- --quantization fp8",
    ),
)
def vllm(
    model: Model,
    further: Further = None,
    name: Name = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    gpus: Gpus = None,
    gpu_memory: GpuMemory = None,
    max_model_len: MaxModelLen = None,
    print_only: Print = False,
) -> None:
    """Serve a model with vLLM."""
    from resources.llm.backends.serve_commands import ServeOptions, vllm_command

    options = ServeOptions(model, name, host, port, gpus, gpu_memory, max_model_len, tuple(further or ()))
    _start("vllm", vllm_command(options, "python" if print_only else sys.executable), options.port, print_only)


@app.command("sglang", epilog=examples("dataflow serve sglang Qwen/Qwen3-8B --port 30000 --print"))
def sglang(
    model: Model,
    further: Further = None,
    name: Name = None,
    host: Host = "127.0.0.1",
    port: Port = 30000,
    gpus: Gpus = None,
    gpu_memory: GpuMemory = None,
    max_model_len: MaxModelLen = None,
    print_only: Print = False,
) -> None:
    """Serve a model with SGLang."""
    from resources.llm.backends.serve_commands import ServeOptions, sglang_command

    options = ServeOptions(model, name, host, port, gpus, gpu_memory, max_model_len, tuple(further or ()))
    _start("sglang", sglang_command(options, "python" if print_only else sys.executable), options.port, print_only)


def _start(package: str, command: list[str], port: int, print_only: bool) -> None:
    """Becomes the server: its output, its signals and its end are those of this command."""
    use = f"To use it: export DATAFLOW_LLM_BASE_URL=http://127.0.0.1:{port}/v1"
    if print_only:
        typer.echo(shlex.join(command))
        messages().print(use, style="dim", markup=False, soft_wrap=True)
        return
    if importlib.util.find_spec(package) is None:
        install = "pip install 'dataflow-dagster[vllm]'" if package == "vllm" else "pip install sglang"
        raise fail(f"{package} is not installed in this environment: {install}; or run this command with --print, and what it prints where it is.")
    messages().print(use, style="dim", markup=False, soft_wrap=True)
    sys.stdout.flush()
    os.execv(command[0], command)
