"""Pipelines, PyTorch-style: operators are attributes, `forward` connects them, `compile()` checks everything before anything runs."""

from __future__ import annotations

import inspect
import os
import re
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self

import pyarrow as pa

from operators.core.operator import Operator
from operators.core.parameters import collected_problems
from operators.core.resources import why_it_does_not_open
from operators.core.sequential import parts_of
from operators.core.targets import Target
from operators.engine.step import need_of
from operators.pipeline.arguments import argument_problems, unfit_values
from operators.pipeline.declared import forward_problem, kept_in_containers, unknown_sources, unusable_expectations
from operators.pipeline.handle import Handle, Recorder, missing_column
from operators.pipeline.names import name_problems, reserved_name
from operators.pipeline.one_pass import in_one_pass, needed_tables
from operators.pipeline.plan import Plan
from operators.pipeline.result import PipelineResult
from operators.pipeline.running import run_pipeline
from operators.pipeline.unused import unused_parts
from operators.pipeline.wasted_calls import wasted_calls
from operators.tables.call_site import caller, place
from operators.tables.errors import CompileError, ParameterError, PipelineWarning, Problem, ProblemsFound, closest, first_line
from operators.tables.given import Given
from operators.tables.storage import Storage
from operators.tables.types import ROW_ID, ROW_ID_FIELD, arrow_type, fits, type_name


class _PipelineType(type):
    """Building a pipeline collects the mistakes in its operators' parameters, for `compile()` to report with the others."""

    def __call__(cls, *args: Any, **parameters: Any) -> Any:
        if wrong := argument_problems(cls, args, parameters):
            raise ParameterError(wrong)
        collected: list[Problem] = []
        token = collected_problems.set(collected)
        try:
            pipeline = super().__call__(*args, **parameters)
        except ProblemsFound:
            raise
        except Exception as error:  # the user's code: whatever it raises is a problem with a place
            unfit = unfit_values(cls, args, parameters) if isinstance(error, TypeError | ValueError | AttributeError) else []
            line = line_of(error, inspect.getsourcefile(cls) or "")
            if not unfit and not line:
                raise
            raise ParameterError(unfit or [Problem(f"__init__ raised {first_line(error)}", cls.__name__, (("at", line),))]) from error
        finally:
            collected_problems.reset(token)
        pipeline.__dict__["_problems"] = collected
        return pipeline


class Pipeline(metaclass=_PipelineType):
    """Stages as attributes, made in `__init__`; `forward` takes a handle for each source and returns those of the results.

    `expects` says which columns the source must have: {"text": str, "url": str}; with several sources, {"documents": {...}, "benchmark": {...}}
    by the names of forward's arguments. Where parameters decide, `__init__` sets it: `self.expects = {column: str}`.
    """

    expects: Mapping[str, Any] = {"text": str}

    _problems: list[Problem]
    """Mistakes in `__init__`."""
    _mistaken_settings: dict[str, list[Problem]]
    """Stage -> mistakes in what `configure` was last given for it."""
    _lacks_stages: bool = False
    """Whether a stage was refused, for its name or for what it is: `forward` cannot be recorded without it."""

    forward: Callable[..., Any]

    def __new__(cls, *args: Any, **parameters: Any) -> Self:
        pipeline = super().__new__(cls)
        pipeline.__dict__["_mistaken_settings"] = {}
        return pipeline

    @classmethod
    def pipeline_name(cls) -> str:
        """The class name in snake case: WebText is web_text."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()

    @property
    def name(self) -> str:
        return self.pipeline_name()

    def __setattr__(self, name: str, value: Any) -> None:
        collected = collected_problems.get()
        if collected is not None:
            collected[:] = [problem.at(f"{self.name}.{name}") for problem in collected]
        if isinstance(value, type) and issubclass(value, Operator) and collected is not None:
            what = f"{value.__name__} is a class, not an operator"
            collected.append(Problem(what, f"{self.name}.{name}", (("at", caller()),), f"make one: self.{name} = {value.__name__}(...)"))
            value = value.stand_in({})
        if isinstance(value, Pipeline) and collected is not None:
            what = f"{type(value).__name__} is a pipeline, and a stage is an operator"
            remedy = "make its operators here, as attributes of this pipeline, or let this class inherit from it"
            collected.append(Problem(what, f"{self.name}.{name}", (("at", caller()),), remedy))
            self.__dict__["_lacks_stages"] = True
            return
        if isinstance(value, Operator) and (hasattr(Pipeline, name) or name in Pipeline.__annotations__):
            problem = reserved_name(self.name, name, value.name)
            if collected is None:
                raise ParameterError([problem])
            collected.append(problem)
            self.__dict__["_lacks_stages"] = True
            return
        # A copy, so that each attribute is an operator of its own, also when two are equal.
        object.__setattr__(self, name, value.model_copy() if isinstance(value, Operator) else value)

    def operators(self) -> dict[str, Operator]:
        """Stage name -> operator, in the order of `__init__`."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Operator)}

    @classmethod
    def source_names(cls) -> list[str]:
        """The arguments of `forward`. Raises CompileError where it is not there or no ordinary function."""
        if problem := forward_problem(cls.pipeline_name(), cls):
            raise CompileError([problem])
        return [name for name in inspect.signature(cls.forward).parameters if name != "self"]

    def expected_columns(self) -> dict[str, dict[str, Any]]:
        """Source -> the columns that it must have."""
        names = self.source_names()
        by_source = any(isinstance(columns, Mapping) for columns in self.expects.values())
        if len(names) == 1 and not by_source:
            return {names[0]: dict(self.expects)}
        return {name: dict(self.expects.get(name, {})) for name in names}

    def configure(self, settings: Mapping[str, Mapping[str, Any]]) -> Self:
        """Change parameters of stages: {"near": {"threshold": 0.9}}; of parts of one: {"quality": {"WordCountFilter": {"min_words": 9}}}.

        Mistakes are reported by `compile()`, unless settings of the same stage that fit come after them.
        """
        mistaken = self._mistaken_settings
        for stage, parameters in settings.items():
            operator = self.operators().get(stage)
            if operator is None:
                mistaken[stage] = [Problem("there is no such stage", f"{self.name}.{stage}", suggestion=closest(stage, self.operators()))]
                continue
            meant = closest(stage, [stage])
            for name in [name for name, problems in mistaken.items() if name == stage or problems[0].suggestion == meant]:
                del mistaken[name]
            try:
                setattr(self, stage, _reconfigured(operator, parameters))
            except ParameterError as error:
                mistaken[stage] = [problem.at(f"{self.name}.{stage}", ("at", "settings of the stage")) for problem in error.problems]
        return self

    def compile(
        self,
        sources: Mapping[str, pa.Schema | Storage] | None = None,
        resources: Collection[str] | None = None,
        sharded: str | None = None,
    ) -> Plan:
        """Record the stages and check them. Reads no rows, calls no model, opens no connection.

        What costs more than it has to is warned of, and stands in `Plan.warnings`: a filter after a stage that asks a model, which could stand
        before it.

        Args:
            sources: schemas or storages to check against, instead of `expects` alone.
            resources: the names of the resources that a run will have; None if that is not known yet.
            sharded: the source that is read shard by shard, if one is: the stages run on each shard, up to where `forward` has `gathered()`.

        Raises:
            CompileError: with every problem found.
        """
        recorder = Recorder(self.name, {id(operator): name for name, operator in self.operators().items()})
        problems = [problem.at(self.name) for problem in self._problems]
        problems += [problem for mistakes in self._mistaken_settings.values() for problem in mistakes]
        problems += kept_in_containers(self.name, vars(self))
        problems += name_problems(self.name, list(self.operators()), self.source_names())
        if unusable := unusable_expectations(self.name, self.expects):
            raise CompileError(list(dict.fromkeys([*problems, *unusable])))
        problems += unknown_sources(self.name, self.expects, self.source_names())
        handles, source_problems = self._source_handles(recorder, sources or {}, sharded)
        problems += source_problems
        if self._lacks_stages:
            raise CompileError(list(dict.fromkeys(problems)))
        returned = self._record(recorder, handles)
        problems += recorder.problems
        problems += unused_parts(self.name, self.operators(), recorder, returned, handles)
        if resources is not None:
            sound = [stage for stage in recorder.stages if not stage.operator.is_stand_in]  # of another nobody knows what it needs
            problems += [problem for stage in sound for problem in _resource_problems(self.name, stage.name, stage.resources, resources)]
        outputs = tuple(handle.name for handle in returned)
        problems += needed_tables(self.name, recorder.stages, outputs)
        if problems:
            raise CompileError(list(dict.fromkeys(problems)))
        known = {handle.name: handle.schema for handle in handles if handle.schema is not None}
        wasted = tuple(wasted_calls(self.name, recorder.stages, outputs))
        for warning in wasted:
            warnings.warn(str(warning), PipelineWarning, stacklevel=2)
        return Plan(self.name, inspect.cleandoc(self.__doc__ or ""), known, tuple(in_one_pass(recorder.stages)), outputs, sharded, wasted)

    def run(
        self,
        source: Given = None,
        /,
        *,
        output: Target | Mapping[str, Target] = None,
        rejected: Target = None,
        warehouse: str | os.PathLike[str] | None = None,
        resources: Mapping[str, Any] | None = None,
        limit: int | None = None,
        progress: bool | None = None,
        **sources: Given,
    ) -> PipelineResult:
        """Run all stages: `WebText(rate=False).run("pages.jsonl", output="kept.parquet")`. Everything is checked before anything runs.

        Args:
            source: the rows, in any form that `Operator.run` takes. Of a pipeline with several sources, a mapping of their names to rows; or give
                each as a keyword: `run(documents="pages.jsonl", benchmark=frame)`.
            output: where the result is written; of several results, or for tables of other stages, a mapping {"stage": "file.parquet"}.
            rejected: where the rows that any stage set aside are written, with stage, operator and reason.
            warehouse: folder, or address such as s3://bucket/prefix, where the tables of all stages are kept, for SQL, `dataflow trace` and the next
                run. Without it they stay in memory.
            resources: name -> resource, such as {"llm": serving}. What is needed and not given is opened as the environment says.
            limit: only the first rows of each source.
            progress: whether to show a bar for each stage; by default in a terminal or a notebook.

        Raises:
            CompileError: everything that is wrong with the pipeline, the sources and where results are to go, at once.
            StageFailed: a stage failed. No file is written.
        """
        given = {**_named_sources(self.source_names(), source), **sources}
        return run_pipeline(self, given, output=output, rejected=rejected, warehouse=warehouse, resources=resources, limit=limit, progress=progress)

    def _source_handles(
        self, recorder: Recorder, given: Mapping[str, pa.Schema | Storage], sharded: str | None
    ) -> tuple[list[Handle], list[Problem]]:
        problems = []
        expected = self.expected_columns()
        for name in [*given, *([sharded] if sharded is not None and sharded not in given else [])]:
            if name not in expected:
                problems.append(Problem(f'there is no source "{name}"', self.name, (("sources", ", ".join(expected)),), closest(name, expected)))
        handles = []
        for name, columns in expected.items():
            schema = (
                _schema_of(given[name])
                if name in given
                else pa.schema([(column, arrow_type(type_) or pa.null()) for column, type_ in columns.items()])
            )
            for column, type_ in columns.items():
                if column not in schema.names:
                    problems.append(missing_column(name, column, schema).at(self.name))
                elif not fits(type_, schema.field(column).type):
                    actual, wanted = type_name(schema.field(column).type), type_name(type_)
                    problems.append(Problem(f'column "{column}" of the source "{name}" is {actual}, but {wanted} is expected', self.name))
            schema = pa.schema(
                [*schema, *(pa.field(column, arrow_type(type_) or pa.null()) for column, type_ in columns.items() if column not in schema.names)]
            )
            schema = schema if ROW_ID in schema.names else schema.insert(0, ROW_ID_FIELD)
            handles.append(Handle(recorder, name, schema, shards="each" if name == sharded else "none"))
        return handles, problems

    def _record(self, recorder: Recorder, handles: list[Handle]) -> list[Handle]:
        """Run `forward`; its results."""
        try:
            returned = self.forward(*handles)
        except Exception as error:
            line = line_of(error, inspect.getsourcefile(type(self)) or "")
            recorder.problems.append(Problem(f"forward raised {first_line(error)}", self.name, (("at", line),)))
            return []
        results = list(returned.values()) if isinstance(returned, Mapping) else list(returned) if isinstance(returned, tuple | list) else [returned]
        if not results or returned is None:
            recorder.problems.append(Problem("forward returns nothing", self.name, suggestion="return the handle of the last stage"))
            return []
        if not all(isinstance(handle, Handle) for handle in results):
            kinds = ", ".join(type(result).__name__ for result in results)
            recorder.problems.append(Problem(f"forward returns {kinds}, not handles", self.name, suggestion="return what the last operator gave"))
            return []
        recorder.used.update(handle.name for handle in results)
        return results


def _named_sources(names: Sequence[str], source: Given) -> Mapping[str, Given]:
    """Rows alone are those of the only source; a mapping with names of sources says the rows of each."""
    if source is None:
        return {}
    if isinstance(source, Mapping) and (set(source) <= set(names) or len(names) > 1):
        return source
    if len(names) > 1:
        listed = ", ".join(f"{name}=..." for name in names)
        raise CompileError([Problem(f"the pipeline has {len(names)} sources, and the rows of one are given", suggestion=f"run({listed})")])
    return {names[0]: source}


def _reconfigured(operator: Operator, parameters: Mapping[str, Any]) -> Operator:
    parts = list(parts_of(operator))
    if not parts:
        return operator.changed(**parameters)
    own = {name: value for name, value in parameters.items() if name in type(operator).model_fields}
    names = [part.name for part in parts]
    for name, values in parameters.items():
        if name in own:
            continue
        if name not in names or not isinstance(values, Mapping):
            known, near = ("parts", ", ".join(names)), closest(name, [*names, *type(operator).model_fields])
            raise ParameterError([Problem(f'the {type(operator).__name__} has no part "{name}"', details=(known,), suggestion=near)])
        parts = [part.changed(**values) if part.name == name else part for part in parts]
    return operator.changed(**{"parts": tuple(parts), **own})


def _resource_problems(pipeline: str, stage: str, needed: Mapping[Any, str], given: Collection[str]) -> list[Problem]:
    return [
        Problem(
            f'needs the resource "{name}" ({need_of(key)}), which is not there',
            f"{pipeline}.{stage}",
            (("resources", ", ".join(sorted(given)) or "none"), ("why", why_it_does_not_open(need_of(key)))),
            closest(name, given),
        )
        for key, name in needed.items()
        if name not in given
    ]


def _schema_of(source: pa.Schema | Storage) -> pa.Schema:
    return source.schema if isinstance(source, Storage) else source


def line_of(error: BaseException, file: str) -> str:
    """The last line of a pipeline's own file that an exception went through."""
    line = ""
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file:
            line = place(file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return line
