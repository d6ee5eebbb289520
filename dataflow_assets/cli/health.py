"""The checks of `dataflow doctor`, each a function that says what it found."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from operators.core import extensions
from operators.core.packages import DISTRIBUTION

if TYPE_CHECKING:
    from packaging.requirements import Requirement

State: TypeAlias = Literal["ok", "note", "warning", "broken"]

LLM_TIMEOUT_SECONDS = 5.0
LOOKED_AT = 20
"""Databases of a folder that are tried."""
LITTLE_SPACE = 1_000_000_000
"""Bytes free where the warehouse stands, below which a run of any size may fill the disk."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. "broken" means that a run would fail; `remedy` is the command that mends it."""

    state: State
    subject: str
    says: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("ok" if good else "broken", "Python", f"{version}, {sys.prefix}", "" if good else "install this project into Python 3.11 or newer")


def packages() -> Iterator[Finding]:
    """Every required package, in a version that fits."""
    from packaging.requirements import Requirement

    try:
        declared = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        missing = f"{DISTRIBUTION} is not installed, so Dagster's child processes cannot import it"
        yield Finding("broken", "packages", missing, "pip install -e .")
        return
    wrong = {}
    required = [item for item in map(Requirement, declared) if item.marker is None or item.marker.evaluate({"extra": ""})]
    for item in required:
        try:
            version = metadata.version(item.name)
        except metadata.PackageNotFoundError:
            wrong[f"{item.name} is missing"] = item
            continue
        if not item.specifier.contains(version, prereleases=True):
            wrong[f"{item.name} is {version}, not {item.specifier}"] = item
    if wrong:
        yield Finding("broken", "packages", "; ".join(wrong), f"pip install {' '.join(_as_argument(item) for item in wrong.values())}")
    else:
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in (DISTRIBUTION, "dagster", "duckdb"))
        yield Finding("ok", "packages", f"all {len(required)} required ones fit: {versions}, ...")


def extras() -> Iterator[Finding]:
    """Which optional extras are complete."""
    from packaging.requirements import Requirement

    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return
    names = distribution.metadata.get_all("Provides-Extra") or []
    optional = [item for item in map(Requirement, distribution.requires or []) if item.marker]
    needed = {name: [item.name for item in optional if item.marker and item.marker.evaluate({"extra": name})] for name in names}
    complete = [name for name in names if all(_is_installed(package) for package in needed[name])]
    absent = [name for name in names if name not in complete]
    yield Finding("note", "extras", f"installed: {', '.join(complete) or 'none'}; not installed: {', '.join(absent) or 'none'}")


def installed_extensions(commands: frozenset[str]) -> Iterator[Finding]:
    """What packages of other people bring beside our own `commands` and all else, and what of it had to be left out."""
    from dataflow_assets.cli.extension_commands import commands_of_extensions
    from dataflow_assets.pipelines import all_pipelines
    from operators.core import registry
    from operators.core.targets import formats_of_extensions
    from operators.tables.errors import closest
    from resources.sources.settings import known_sources

    registry.load()
    all_pipelines()
    extensions.load(extensions.RESOURCES)
    known_sources()
    formats_of_extensions()
    commands_of_extensions(commands)
    packages = {package for group in extensions.GROUPS for _, package, _ in extensions.entry_points(group)} - {DISTRIBUTION}
    wrong = [(broken.package, f"{broken.group} {broken.name} is left out: {broken.why}") for broken in extensions.broken()]
    for package in sorted(packages - {package for package, _ in wrong}):
        if made_for := extensions.made_for_another(package):
            wrong.append((package, made_for))
    for package, group in extensions.unknown_groups():
        wrong.append((package, f"there are no entry points {group}. {closest(group, extensions.GROUPS)}".rstrip()))
    for package, says in wrong:
        yield Finding("warning", f"extension {package}", says, f"mend or uninstall {package}")
    if packages and not wrong:
        yield Finding("ok", "extensions", ", ".join(sorted(packages)))


def warehouse() -> Iterator[Finding]:
    from resources.warehouse import WarehouseError, warehouse_root
    from resources.warehouse.addresses import place_of

    try:
        root = place_of(warehouse_root())
    except ValueError as error:
        yield Finding("broken", "warehouse", str(error), "correct DATAFLOW_WAREHOUSE")
        return
    if isinstance(root, str):
        from resources.warehouse.objects.health import look_at

        try:
            yield Finding("ok", "warehouse", look_at(root))
        except WarehouseError as error:
            yield Finding("broken", "warehouse", str(error), "see docs/warehouse.md")
        return
    there = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
    if not there.is_dir():
        yield Finding("broken", "warehouse", f"{there} is a file, and a warehouse is a folder", "set DATAFLOW_WAREHOUSE to a folder")
        return
    free = shutil.disk_usage(there).free
    if free < LITTLE_SPACE:
        yield Finding(
            "warning", "disk", f"{free / 1e6:,.0f} MB are free at {there}", "free some space, or set DATAFLOW_WAREHOUSE to a folder of another disk"
        )
    if not root.exists() and os.access(there, os.W_OK):
        yield Finding("note", "warehouse", f"{root} does not exist yet; the first run makes it")
        return
    if not os.access(there, os.W_OK):
        yield Finding("broken", "warehouse", f"{there} cannot be written", "let this user write there, or set DATAFLOW_WAREHOUSE to another folder")
        return
    files = list(root.rglob("*.duckdb"))
    size = sum(file.stat().st_size for file in files)
    yield Finding("ok", "warehouse", f"{root}: {len(files)} table versions, {size / 1e6:,.1f} MB")


def model_weights() -> Iterator[Finding]:
    """Whether the weights of the embedded models are here and what they must be; of those that nothing needs by itself, what is wrong."""
    from resources import models
    from resources.fetching.files import sha256_of

    for status in models.list():
        name, fetch = status.weights.name, f"dataflow models get {status.weights.name}"
        if not status.present and status.weights.needed:
            yield Finding("warning", f"model {name}", "its weights are not here; stages that use the embedded model need them", fetch)
        elif not status.present and status.begun:
            yield Finding("note", f"model {name}", f"{status.begun / status.weights.size:.0%} of it is here: a fetch was interrupted", fetch)
        if not status.present:
            continue
        if sha256_of(status.path) == status.weights.sha256:
            yield Finding("ok", f"model {name}", str(status.path))
        else:
            yield Finding("broken", f"model {name}", f"{status.path} is not what it must be", f"rm {status.path} && {fetch}")


def kernels() -> Iterator[Finding]:
    """Whether the compiled kernels are on disk, so that a first run need not compile them, or can be kept there."""
    from operators.kernels.compiled.compiler import folders_of_machine_code

    folders, can_be_kept = folders_of_machine_code()
    there = {folder: count for folder in folders if (count := len(list(folder.glob("*.nbi"))))}
    if there:
        yield Finding("ok", "kernels", "; ".join(f"{count} compiled functions in {folder}" for folder, count in there.items()))
    elif can_be_kept:
        yield Finding("note", "kernels", f"not compiled yet; the first run does it (some seconds), and keeps them in {folders[0]}")
    else:
        says = f"not compiled, and {folders[0]} cannot be written: each process compiles them anew (some seconds)"
        yield Finding("warning", "kernels", says, "set NUMBA_CACHE_DIR to a folder that can be written")


def language_model() -> Iterator[Finding]:
    """Whether the server that DATAFLOW_LLM_BASE_URL names answers, and has the model."""
    from pydantic import ValidationError

    from resources.llm import LLMSettings
    from resources.llm.settings.base_url import endpoint, shown
    from resources.llm.settings.providers import VLLM_OFFLINE

    subject = "language model"
    try:
        settings = LLMSettings.from_environment()
    except ValidationError as error:  # its own text would show the values, a key in the address among them
        wrong = "; ".join(item["msg"].removeprefix("Value error, ") for item in error.errors(include_input=False, include_context=False))
        yield Finding("broken", subject, wrong, "correct DATAFLOW_LLM_BASE_URL, DATAFLOW_LLM_MODEL and DATAFLOW_LLM_API_KEY")
        return
    if settings.base_url is None:
        yield _vllm_in_this_process(settings.model) if settings.provider == VLLM_OFFLINE else _embedded(settings.provider, settings.model)
        return
    server = shown(settings.base_url)
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    request = urllib.request.Request(endpoint(settings.base_url, "/models"), headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=LLM_TIMEOUT_SECONDS) as answer:
            served = [str(item.get("id")) for item in json.load(answer).get("data", [])]
    except urllib.error.HTTPError as error:
        refused = error.code in (401, 403)
        remedy = f"set {settings.key_variable} to a valid key" if refused else "check DATAFLOW_LLM_BASE_URL; it usually ends in /v1"
        yield Finding("broken" if refused else "warning", subject, f"{server} answers {error.code} to /models", remedy)
        return
    except (OSError, ValueError) as error:
        yield Finding(
            "broken", subject, f"{server} does not answer: {getattr(error, 'reason', error)}", "start the server, or correct DATAFLOW_LLM_BASE_URL"
        )
        return
    if settings.model and served and settings.model not in served:
        yield Finding(
            "warning", subject, f"{server} does not list {settings.model}, only {', '.join(served[:5])}", "set DATAFLOW_LLM_MODEL to one of them"
        )
    elif settings.model or len(served) == 1:
        yield Finding("ok", subject, f"{server} answers; model {settings.model or served[0]}")
    else:
        yield Finding("warning", subject, f"{server} answers; which of its models is not said", f"set DATAFLOW_LLM_MODEL: {', '.join(served[:5])}")


def databases() -> Iterator[Finding]:
    """Whether the databases that DATAFLOW_DATABASES names can be opened, by a user that can only read."""
    from operators.databases.execution import NotExecuted
    from operators.tables.errors import ParameterError
    from resources.databases import DatabaseSettings, open_databases
    from resources.databases.settings import DATABASES_VARIABLE

    if not os.environ.get(DATABASES_VARIABLE):
        yield Finding("note", "databases", f"none; for operators of SQL set {DATABASES_VARIABLE}")
        return
    try:
        opened = open_databases(DatabaseSettings.from_environment(look_rows=0, parallel=2))
    except (ParameterError, ValueError) as error:
        yield Finding("broken", "databases", str(error).replace("\n", " "), f"correct {DATABASES_VARIABLE}")
        return
    with opened:
        asked = {name: opened.execute(name, "SELECT 1") for name in list(opened.names())[:LOOKED_AT]}
    wrong = {name: answer for name, answer in asked.items() if isinstance(answer, NotExecuted)}
    for name, answer in wrong.items():
        yield Finding("broken", f"database {name}", str(answer), f"correct {DATABASES_VARIABLE}, or what it names")
    if not wrong:
        yield Finding("ok", "databases", f"{len(opened.names())}: {', '.join(list(opened.names())[:5])}; read-only")


def sandbox() -> Iterator[Finding]:
    """Whether programs can be run in isolation, by running one, and in which languages."""
    from operators.sandboxes import Program, SandboxUnavailable
    from resources.sandbox import SandboxSettings, open_sandbox
    from resources.sandbox.bubblewrap import why_not

    subject = "sandbox"
    try:
        settings = SandboxSettings.from_environment(programs_at_once=1)
        opened = open_sandbox(settings)
        verdict = opened.run([Program("print(6 * 7)")])[0]
    except SandboxUnavailable as error:
        yield Finding("warning", subject, f"stages that run code will fail: {why_not() or error}", "make bubblewrap work, see docs/sandbox.md")
        return
    except ValueError as error:  # a setting that cannot be
        yield Finding("broken", subject, str(error).replace("\n", " "), "correct DATAFLOW_SANDBOX_...")
        return
    if verdict.stdout != "42\n":
        yield Finding("broken", subject, f"a program that prints 42 ended as {verdict.kind}: {verdict.reason}", "see docs/sandbox.md")
    elif why := why_not():
        yield Finding("warning", subject, f"programs run WITHOUT isolation, as unsafe_subprocess says: {why}", "make bubblewrap work")
    else:
        yield Finding("ok", subject, f"bubblewrap isolates programs in {', '.join(opened.languages())}")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key goes to the server that was named and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _embedded(provider: str | None, model: str | None) -> Finding:
    from resources import models
    from resources.llm.backends.embedded import MODEL

    why = f"DATAFLOW_LLM_PROVIDER is {provider}" if provider else "DATAFLOW_LLM_BASE_URL is not set"
    if model is None:
        here = any(status.present for status in models.list() if status.weights.name == MODEL)
        says = f"the embedded model {'serves' if here else 'should serve, and its weights are not here'} ({why})"
        return Finding("ok", "language model", says) if here else Finding("warning", "language model", says, f"dataflow models get {MODEL}")
    try:
        found = models.find(model)
    except models.ModelMissing as error:
        return Finding("broken", "language model", f"the embedded model {model} should serve ({why}): {error}", f"dataflow models get {model}")
    except models.ModelError as error:
        return Finding("broken", "language model", f"{error} It would be embedded, for {why}", "correct DATAFLOW_LLM_MODEL or DATAFLOW_LLM_BASE_URL")
    return Finding("ok", "language model", f"the embedded model {found.name} serves ({why})" + (f"; know: {found.caution}" if found.caution else ""))


def _vllm_in_this_process(model: str | None) -> Finding:
    subject = "language model"
    if not _is_installed("vllm"):
        return Finding("broken", subject, "vLLM should serve inside this process, but is not installed", "pip install 'dataflow-dagster[vllm]'")
    if model is None:
        return Finding("broken", subject, "vLLM should serve inside this process, but which model is not said", "set DATAFLOW_LLM_MODEL")
    return Finding("ok", subject, f"vLLM inside this process serves {model}; it is loaded by the first stage that asks")


def _as_argument(item: Requirement) -> str:
    """For a shell."""
    return shlex.quote(f"{item.name}{item.specifier}")


def _is_installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    *(python, packages, extras),
    *(model_weights, kernels, warehouse, language_model, sandbox, databases),
)
