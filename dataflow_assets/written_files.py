"""What a deployment writes beside its tables: no file that it reads, none twice, and none that somebody else wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from dataflow_assets.deployment import Deployment
from dataflow_assets.partitions import SHARD, FilePartitions, TimePartitions
from dataflow_assets.showing.report_files import REPORT_FILES, refuse_foreign_report
from operators.core.targets import check_target
from operators.tables.errors import ParameterError, Problem
from operators.tables.files.errors import FileFormatError
from operators.tables.files.overwriting import overwritten, read_next_time
from operators.tables.files.paths import find_files

WRITES = "writes"
"""Metadata of an asset: the files and folders that it writes."""


_DIGITS = {"Y": 4, "G": 4, "j": 3, **dict.fromkeys("mdHIMSyVUW", 2)}
"""Of the parts of a time."""


def check_written_files(deployment: Deployment) -> None:
    """Raises ParameterError: a file to export is one that the deployment reads, or would read the next time, stands there twice, lies in the folder
    of a data set, or has an ending that no format has; a report would replace what no report wrote.
    """
    for path in deployment.exports:
        try:
            check_target(path)
        except ParameterError as error:
            raise ParameterError([problem.at("export") for problem in error.problems]) from None
    outputs = [*(("export", path) for path in _each_shard(deployment)), *(("report", path) for path in _report_files(deployment.report))]
    read = {name: _read_by(path) for name, path in _paths_read(deployment).items()}
    problems = [*overwritten(outputs, read), *_in_folders_of_data_sets(deployment, outputs, read)]
    problems = problems or read_next_time(outputs, _paths_read(deployment))
    if problems:
        raise ParameterError(problems)
    if deployment.report:
        refuse_foreign_report(Path(deployment.report))


def written_by(asset: dg.AssetsDefinition) -> list[str]:
    """The files and folders that an asset of a deployment writes."""
    said = [metadata[WRITES] for metadata in asset.metadata_by_key.values() if WRITES in metadata]
    lists: list[list[str]] = [list(writes.value or ()) if isinstance(writes, dg.JsonMetadataValue) else writes for writes in said]
    return [path for paths in lists for path in paths]


def _each_shard(deployment: Deployment) -> list[str]:
    """The files to export; of those for each shard, the files of the shards that are there, or of the first partition by time."""
    shards = [SHARD]
    if deployment.exports_each_shard and isinstance(deployment.partitions, FilePartitions):
        shards = list(deployment.partitions.files()) or shards
    elif deployment.exports_each_shard and isinstance(deployment.partitions, TimePartitions):
        shards = [deployment.partitions.first]
    return [path.replace(SHARD, shard) for path in deployment.exports for shard in shards]


def _report_files(folder: str) -> list[str]:
    return [str(Path(folder) / file) for file in REPORT_FILES] if folder else []


def _paths_read(deployment: Deployment) -> Mapping[str, str]:
    """Source -> its path; of partitions by time, a glob of all times."""
    by_time = deployment.partitions.source if isinstance(deployment.partitions, TimePartitions) else ""
    paths = {name: settings.path for name, settings in deployment.sources.items() if settings.path}
    return {name: _any_time(path) if name == by_time else path for name, path in paths.items()}


def _any_time(path: str) -> str:
    """A glob of the files of all times: as many digits as each part of a time has."""

    def glob(parts: re.Match[str]) -> str:
        each = ("[0-9]" * _DIGITS[part] if part in _DIGITS else "*" for part in re.findall(r"%(-?[A-Za-z])", parts[0]))
        return re.sub(r"\*+", "*", "".join(each))

    return re.sub(r"(?:%-?[A-Za-z])+", glob, path).replace("%%", "%")


def _read_by(path: str) -> Sequence[str]:
    """The files that are there; what is wrong with them is said when they are read."""
    try:
        return find_files(path)
    except (OSError, FileFormatError):
        return []


def _in_folders_of_data_sets(deployment: Deployment, outputs: Sequence[tuple[str, str]], read: Mapping[str, Sequence[str]]) -> list[Problem]:
    """The folder of a data set is replaced as a whole, with all that lies in it."""
    folders = [settings.path for settings in deployment.datasets if "://" not in settings.path and not settings.catalog]
    problems = []
    for number, folder in enumerate(folders):
        others = [("the data set", other) for other in folders[:number]]
        problems += [
            Problem(
                f"{folder}: {what} {other} has to do with the same folder, which is replaced as a whole", "export", suggestion="name another folder"
            )
            for what, other in others
            if _below(other, folder) or _below(folder, other)
        ]
        problems += [
            Problem(f"{path} lies in the folder {folder} of a data set, which is replaced as a whole", option, suggestion="write to another folder")
            for option, path in outputs
            if option == "export" and _below(path, folder)
        ]
        if of_source := next(((name, file) for name, files in read.items() for file in files if _below(file, folder)), None):
            what = f"{folder}: the source {of_source[0]} reads {of_source[1]} there, and the folder of a data set is replaced as a whole"
            problems.append(Problem(what, "export", suggestion="name another folder"))
    return problems


def _below(path: str, folder: str) -> bool:
    return Path(path).resolve().is_relative_to(Path(folder).resolve())
