"""dataflow serve, without the name of a server: the gateway, one door to the models of this project for many workers."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, fail

if TYPE_CHECKING:
    from resources.llm import LLMSettings

EXAMPLES = examples(
    "dataflow serve",
    "dataflow serve --rpm 3000 --budget-usd 20 --budget-per day",
    "dataflow serve --defs dataflow_assets/defs/code_instruct --port 9000",
    "DATAFLOW_GATEWAY_TOKEN=$(openssl rand -hex 24) dataflow serve --host 0.0.0.0",
    "dataflow serve vllm Qwen/Qwen3-8B",
)

Host = Annotated[str, typer.Option(help="Address to listen on. Any but this machine's own loopback needs a secret in DATAFLOW_GATEWAY_TOKEN.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")]
Defs = Annotated[Path | None, typer.Option(help="A deployment's folder or defs.yaml: serve its llms instead of what DATAFLOW_LLM_... name.")]
Rpm = Annotated[float | None, typer.Option(help="Requests a minute, of all workers together.")]
Tpm = Annotated[float | None, typer.Option(help="Tokens a minute, prompt and answer, of all workers together.")]
MaxInFlight = Annotated[int | None, typer.Option(min=1, help="Most requests under way at once, of all workers together.")]
BudgetTokens = Annotated[int | None, typer.Option(min=0, help="Stop after so many tokens, of all workers together.")]
BudgetUsd = Annotated[float | None, typer.Option(min=0, help="Stop after so much money.")]
BudgetPer = Annotated[str, typer.Option(help="What the budget is for: run (until this gateway ends), day (UTC), or ever.")]
EmbeddingsToo = Annotated[bool, typer.Option("--embeddings", help="Serve the embedded embedding model too, where DATAFLOW_EMBEDDING_... name none.")]


def gateway(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8100,
    defs: Defs = None,
    rpm: Rpm = None,
    tpm: Tpm = None,
    max_in_flight: MaxInFlight = None,
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    budget_per: BudgetPer = "",
    embeddings: EmbeddingsToo = False,
) -> None:
    """Serve language models: by itself the gateway, with a name a server of weights (vllm, sglang).

    The gateway speaks OpenAI's protocol and asks the model that the settings of this project name (DATAFLOW_LLM_...): one cache, one budget, one
    rate and one ledger for all workers, on any machine. A worker needs its address in DATAFLOW_LLM_BASE_URL, and nothing else.
    """
    given = {
        "rpm": rpm,
        "tpm": tpm,
        "max_in_flight": max_in_flight,
        "budget_tokens": budget_tokens,
        "budget_usd": budget_usd,
        "budget_per": budget_per or None,
    }
    limits = {name: value for name, value in given.items() if value is not None}
    if context.invoked_subcommand is not None:
        if limits or defs is not None or embeddings:
            raise fail(f"options of the gateway stand before {context.invoked_subcommand}, which starts a server of its own: leave them out.")
        return
    _serve(host, port, defs, limits, embeddings)


def _serve(host: str, port: int, defs: Path | None, limits: dict[str, Any], embeddings: bool) -> None:
    import asyncio

    from pydantic import ValidationError

    from resources.gateway.listening import CannotListen, listen
    from resources.gateway.opening import served_embeddings, served_models
    from resources.gateway.settings import GatewaySettings
    from resources.llm import LLMSettings

    try:
        settings = GatewaySettings.from_environment(host, port)
        asked = [LLMSettings.from_environment(**limits)] if defs is None else _of_deployment(defs, limits)
        models = served_models(asked, settings)
        vectors = served_embeddings(embeddings)
    except ValidationError as error:  # its own text would show the values
        mistakes = error.errors(include_input=False, include_context=False)
        said = [": ".join([*map(str, item["loc"]), item["msg"].removeprefix("Value error, ")]) for item in mistakes]
        raise fail("; ".join(said)) from None

    def ready(address: str, names: list[str]) -> None:
        reached = address.replace("//0.0.0.0:", f"//{socket.gethostname()}:").replace("//[::]:", f"//{socket.gethostname()}:")
        key = " DATAFLOW_LLM_API_KEY=$DATAFLOW_GATEWAY_TOKEN" if settings.token is not None else ""
        provider = "" if reached == address else " DATAFLOW_LLM_PROVIDER=dataflow"
        typer.echo(f"{reached} answers for {', '.join(names)}. A worker uses it with: export{provider} DATAFLOW_LLM_BASE_URL={reached}{key}")

    try:
        asyncio.run(listen(models, vectors, settings, ready))
    except CannotListen as error:
        raise fail(str(error)) from None


def _of_deployment(place: Path, limits: dict[str, Any]) -> list[LLMSettings]:
    """The models that a defs.yaml names, with `limits` instead of those that it sets."""
    import yaml

    from dataflow_assets.resources import LLMResource

    file = place / "defs.yaml" if place.is_dir() else place
    try:
        documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise fail(f"{file} cannot be read: {error}") from None
    found = [(document.get("attributes") or {}).get("llms") or {} for document in documents if isinstance(document, dict)]
    llms = {name: settings for each in found for name, settings in each.items()}
    if not llms:
        raise fail(f"{file} names no language model (llms: ...): leave --defs out, and DATAFLOW_LLM_... say which is meant.")
    if any("{{" in str(value) for settings in llms.values() for value in settings.values()):
        raise fail(f"{file} has settings that only Dagster fills in ({{{{ ... }}}}): write them out, or set DATAFLOW_LLM_... and leave --defs out.")
    return [LLMResource(**{**settings, **limits}).settings() for settings in llms.values()]
