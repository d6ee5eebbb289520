"""The shipped pipelines, one file each, and how any pipeline is found by its name."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType

from operators.core import extensions
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ParameterError, Problem, closest, first_line

files_loaded: set[str] = set()
"""Names of modules that came from FILE.py references: loading such a file again replaces it."""


def _in_file(name: str) -> dict[str, type[Pipeline]]:
    """The pipelines of a file of this folder, by their names."""
    return _by_name(_imported(f"{__name__}.{name}"))


def _by_name(module: object) -> dict[str, type[Pipeline]]:
    return {cls.pipeline_name(): cls for cls in _pipelines_of(vars(module), module.__name__)} if isinstance(module, ModuleType) else {}


@functools.cache
def _known() -> dict[str, type[Pipeline]]:
    found: dict[str, type[Pipeline]] = {}
    for file in pkgutil.iter_modules(__path__):
        found |= _in_file(file.name)
    for name, module in extensions.load(extensions.PIPELINES).items():
        brought = _by_name(module)
        if taken := sorted(brought.keys() & found.keys()):
            owner = extensions.package_of(extensions.PIPELINES, name)
            extensions.note_broken(extensions.Broken(extensions.PIPELINES, name, owner, f"there is a pipeline named {taken[0]} already"))
        else:
            found |= brought
    return found


def all_pipelines() -> dict[str, type[Pipeline]]:
    """Name -> class, of every pipeline in this folder and in installed extensions (entry points "dataflow.pipelines", which name modules)."""
    return dict(sorted(_known().items()))


def find_pipeline(reference: str) -> type[Pipeline]:
    """The pipeline that is meant by a name ("web_text", "WebText"), "package.module:Class" or "file.py:Class".

    Raises:
        ParameterError: there is none, with the closest names.
    """
    if ":" in reference or reference.endswith(".py"):
        return _from_module(*reference.partition(":")[::2])
    # most stand in the file of their name: then no other is imported
    if any(file.name == reference for file in pkgutil.iter_modules(__path__)) and (named := _in_file(reference).get(reference)):
        return named
    known = all_pipelines()
    by_class = {cls.__name__: cls for cls in known.values()}
    found = known.get(reference) or by_class.get(reference)
    if found is None:
        raise ParameterError(
            [Problem(f'no pipeline is named "{reference}"', details=(("pipelines", ", ".join(known)),), suggestion=closest(reference, known))]
        )
    return found


def _imported(place: str) -> ModuleType:
    try:
        return _load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except ParameterError as error:
        raise ParameterError([problem.at("", *_place(error)) for problem in error.problems]) from None
    except (Exception, SystemExit) as error:  # the user's code: whatever it raises is a problem with a place
        raise ParameterError([_import_problem(place, error)]) from error


def _from_module(place: str, class_name: str) -> type[Pipeline]:
    module = _imported(place)
    classes = {cls.__name__: cls for cls in _pipelines_of(vars(module), module.__name__)}
    if not class_name and len(classes) == 1:
        return next(iter(classes.values()))
    if class_name not in classes:
        known = ("pipelines", ", ".join(classes) or "none")
        raise ParameterError([Problem(f'{place} has no pipeline "{class_name}"', details=(known,), suggestion=closest(class_name, classes))])
    return classes[class_name]


def _import_problem(place: str, error: BaseException) -> Problem:
    """Why a module with a pipeline cannot be imported, and in which line."""
    message = f"{place} cannot be imported: {first_line(error)}"
    if isinstance(error, SyntaxError):
        return Problem(message, details=(("at", f"{error.filename}:{error.lineno}"), ("code", (error.text or "").strip())))
    if isinstance(error, ModuleNotFoundError) and error.name and place.split(".")[0] == error.name.split(".")[0]:
        return Problem(f'there is no module "{place}"', suggestion="give PACKAGE.MODULE:CLASS as Python would import it from here, or FILE.py:CLASS")
    return Problem(message, details=_place(error))


def _place(error: BaseException) -> tuple[tuple[str, str], ...]:
    """The last line of the modules that were being imported when it was raised: what they call checks what they say."""
    frames = traceback.extract_tb(error.__traceback__)
    importing = next((frame.filename for frame in reversed(frames) if frame.name == "<module>" and "site-packages" not in frame.filename), "")
    last = next((frame for frame in reversed(frames) if frame.filename == importing), None)
    return (("at", f"{last.filename}:{last.lineno}"), ("code", last.line or "")) if last is not None else ()


def _load_file(path: Path) -> ModuleType:
    """Run a file as a module; it can import the files beside it."""
    path = path.resolve()
    if not path.is_file():
        raise ParameterError([Problem(f"there is no file {path}", suggestion="give FILE.py:CLASS, with the path from the current folder")])
    taken = path.stem in sys.modules and path.stem not in files_loaded
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}" if taken else path.stem
    files_loaded.add(name)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ParameterError([Problem(f"{path} cannot be imported")])
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _pipelines_of(names: dict[str, object], module: str) -> list[type[Pipeline]]:
    return [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, Pipeline) and value.__module__ == module and value is not Pipeline
    ]
