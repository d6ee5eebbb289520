"""The folder of the deployments, in which one that is wrong does not keep the others from being loaded."""

from __future__ import annotations

import functools
import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext
from dagster._utils.warnings import suppress_dagster_warnings
from dagster.components.core.component_tree import ComponentTree
from dagster.components.core.decl import build_filesystem_component_decl_from_context
from dagster.components.core.defs_module import ComponentPath, find_defs_or_component_yaml
from dagster.components.core.load_defs import get_library_json_enriched_defs
from dagster_shared.utils.config import discover_config_file

from dataflow_assets.broken_deployment import BrokenDeployment, broken_definitions, problems_of
from dataflow_assets.claims import Claim, claims_of, first_clash
from dataflow_assets.defs_files import check_files
from dataflow_assets.pipelines import files_loaded
from dataflow_assets.shared_definitions import shared_definitions
from operators.tables.errors import ProblemsFound

SHARED = "the definitions that all pipelines share"

VALIDATING = "DAGSTER_IS_DEFS_VALIDATION_CLI"
"""Set by `dg check defs` and `dagster definitions validate`, which are there to fail."""


@suppress_dagster_warnings
def load_deployments(folder: Path) -> dg.Definitions:
    """Everything in a project's defs folder. What does not load stands for itself as one failed pipeline, and is named on standard error.

    Raises:
        ProblemsFound: something does not load, and Dagster is asked to check the definitions.
    """
    loaded_from = _state_of(folder)
    if folder not in _LOADED or _LOADED[folder][0] != loaded_from:
        with _collection_paused(), _state_of_components() as has_state:
            together = _together(folder)
            defs = _each_alone(folder) if together is None else together
        if together is None or has_state() or files_loaded:  # the next load may find something else, though nothing below the folder changed
            return defs
        _LOADED[folder] = loaded_from, defs
    return _LOADED[folder][1]


_LOADED: dict[Path, tuple[object, dg.Definitions]] = {}
"""Folder -> what was loaded from it, and its state then. Dagster's commands load all definitions up to six times in one process."""


def _state_of(folder: Path) -> object:
    """What a second load in this process would find changed: files and the environment; modules of Python are loaded once in any case."""
    files = {}
    for file in folder.rglob("*"):
        if "__pycache__" not in file.parts:
            with suppress(FileNotFoundError):  # gone since it was listed
                files[file] = (file.stat().st_mtime_ns, file.stat().st_size)
    return files, dict(os.environ)


@contextmanager
def _state_of_components() -> Iterator[Callable[[], bool]]:
    """Whether a component asked for state that Dagster keeps for it, as integrations of other systems do: each load has to ask for it again."""
    context, was_set = DefinitionsLoadContext.get(), DefinitionsLoadContext.is_set()
    DefinitionsLoadContext.set(context)
    try:
        yield lambda: bool(context.get_pending_reconstruction_metadata() or getattr(context.accessed_defs_state_info, "info_mapping", None))
    finally:
        if not was_set:
            DefinitionsLoadContext.set(None)  # type: ignore[arg-type]


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Python looks for garbage among all objects whenever there are a quarter more of them: half of the time of loading, which makes none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _together(folder: Path) -> dg.Definitions | None:
    """As Dagster loads it; None where that fails, or two deployments have something of one name, or write one file."""
    try:
        check_files(folder)
        defs = _tree_of(folder, ComponentTree).build_defs()
    except Exception:  # whatever a deployment, or code of a user, raises: which one it was is found by loading each alone
        return None
    return defs if first_clash(defs, dict(claims_of(shared_definitions()))) is None else None


def _each_alone(folder: Path) -> dg.Definitions:
    tree = _tree_of(folder, _PlainTree)
    loaded: list[dg.Definitions] = []
    broken: list[BrokenDeployment] = []
    owned = dict(claims_of(shared_definitions()))
    owner: dict[Claim, str] = {}
    for place in _places(folder):
        file = find_defs_or_component_yaml(place) or place
        try:
            check_files(place)
            defs = _load(tree, place)
            if clash := first_clash(defs, owned):
                holder = owner.get(clash) or (SHARED if clash in owned else _shown(file))
                raise ProblemsFound([clash.taken(holder)])
        except Exception as error:  # as above: it is shown instead of the deployment
            broken.append(BrokenDeployment(place.stem, _shown(file), problems_of(error)))
            continue
        claims = dict(claims_of(defs))
        owned |= claims
        owner |= dict.fromkeys(claims, _shown(file))
        loaded.append(defs)
    for one in broken:
        _tell(f"{one.file} does not load:\n{one.text}\n")
    if broken and os.environ.get(VALIDATING):
        raise ProblemsFound([problem.at(one.file) for one in broken for problem in one.problems])
    names = {claim.name for claim in owned if claim.kind == "job"}
    shown = []
    for one in broken:
        shown.append(broken_definitions(one, names))
        names |= {job.name for job in shown[-1].jobs or ()}
    # without the tree itself: Dagster's code server would load all of it again, and with it what is broken
    return dg.Definitions.merge(*loaded, *shown, get_library_json_enriched_defs(None))


def _tree_of(folder: Path, kind: type[ComponentTree]) -> ComponentTree:
    """By the project's pyproject.toml or dg.toml; a package that was installed has none beside it, and its name is its place on Python's path."""
    if discover_config_file(folder) is None:
        for place in (Path(entry).absolute() for entry in sys.path):
            if folder.is_relative_to(place) and all(part.isidentifier() for part in folder.relative_to(place).parts):
                name = ".".join(folder.relative_to(place).parts)
                return kind(defs_module=importlib.import_module(name), project_root=place, code_location_name=None)
    return kind.for_project(folder)


class _PlainTree(ComponentTree):
    """Without a drawing of the whole tree around each error: drawing it reads all of it, and fails where another file is broken."""

    @contextmanager
    def augment_component_tree_exception(self, path: Any, msg_for_path: Any) -> Iterator[None]:
        yield


@functools.cache
def _tell(text: str) -> None:
    """Once a process: Dagster loads the definitions several times."""
    print(text, file=sys.stderr)


def _places(folder: Path) -> Iterator[Path]:
    """What is loaded alone: a folder with a defs.yaml, with all below it, and a Python file."""
    for place in sorted(folder.iterdir()):
        if place.name.startswith((".", "__")):
            continue
        if place.suffix == ".py" or (place.is_dir() and find_defs_or_component_yaml(place)):
            yield place
        elif place.is_dir():
            yield from _places(place)


def _load(tree: ComponentTree, place: Path) -> dg.Definitions:
    declared = build_filesystem_component_decl_from_context(tree.decl_load_context.for_component_loc(ComponentPath.from_path(place)))
    if declared is None:
        return dg.Definitions()
    for location, part in declared.iterate_loc_component_decl_pairs():
        tree.state_tracker.set_cache_data(location, component_decl=part)
    return tree.build_defs_at_path(declared.loc)


def _shown(file: Path) -> str:
    """Below the folder from which Dagster was started, if it is there."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
