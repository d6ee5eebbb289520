"""The base of every operator: plain data that names its columns and what it needs, and a function of rows that its kind calls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeAlias

import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, WithJsonSchema, model_validator

from operators.core import registry
from operators.core.batch import rejected_schema
from operators.core.columns import Input, Output, declared_inputs, declared_outputs
from operators.core.errors import ColumnError, ParameterError, Problem, closest
from operators.core.prompt import PromptTemplate
from operators.core.source_code import caller, source_hash

if TYPE_CHECKING:
    from operators.core.handle import Handle
    from operators.core.report import Report
    from operators.core.storage import Storage

Kind: TypeAlias = Literal["evaluate", "filter", "refine", "generate"]
Need: TypeAlias = Literal["llm", "embedding", "model", "database", "sandbox", "retriever", "documents"]

Bindings: TypeAlias = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(lambda value: tuple(sorted(value.items())) if isinstance(value, Mapping) else value),
    PlainSerializer(dict),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
"""Which columns the inputs and outputs are bound to, where not their defaults: {"input_text": "body"}."""

collected_problems: ContextVar[list[Problem] | None] = ContextVar("collected_problems", default=None)
"""Where mistakes in parameters go while a pipeline is being built, so that `compile()` can report them all at once."""


class Operator(BaseModel):
    """Something that can be done to a table. Its fields are its parameters; `input_*` and `output_*` class attributes declare its columns.

    Write a subclass of `Evaluate`, `Filter`, `Refine` or `Generate` (or of their LLM forms), never of this.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(Input, Output))

    kind: ClassVar[Kind]
    scope: ClassVar[Literal["row", "table"]] = "row"
    """"row": each row alone; "table": every row may depend on every other (dedup, sampling, joins)."""
    tables: ClassVar[tuple[str, ...]] = ("rows",)
    """The names of the input tables, more than one for joins."""
    accounts_for: ClassVar[tuple[str, ...]] = ("rows",)
    """The input tables of which every row is accounted for: it goes on, is a parent of a row that does, gives one its columns, or is set aside.
    All tables of an operator that makes rows; tables that others only look things up in are not among them."""
    needs: ClassVar[tuple[Need, ...]] = ()
    """Resources that the operator's function is given as keyword arguments. The field of the same name says which resource: `llm: str = "llm"`."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Importable packages outside the default installation."""
    extra: ClassVar[str] = ""
    """The optional extra of this project that installs `packages`."""
    covers: ClassVar[tuple[str, ...]] = ()
    """Names of operators of the reference system (DataFlow) that this one stands for."""
    source: ClassVar[str] = ""
    """Paper or project that the method comes from."""
    version: ClassVar[int] = 1
    """Raise it when results change for a reason that the source of the class, and of what it uses, does not show."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Parameters for an example, where the defaults are not enough to build one."""

    columns: Bindings = Field(default=(), description="Columns bound to inputs and outputs, where not their defaults.", repr=False)
    max_failed: float = Field(0.05, ge=0, le=1, description="Share of rows that may fail (and are set aside) before the stage fails.", repr=False)

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        """Register the finished class, unless it is a base for others."""
        super().__pydantic_init_subclass__(**kwargs)
        if not abstract and "[" not in cls.__name__:
            registry.register(cls)

    def __init__(self, /, **parameters: Any) -> None:
        try:
            super().__init__(**parameters)
        except ValidationError as error:
            problems = _parameter_problems(type(self), error)
            collected = collected_problems.get()
            if collected is None:
                raise ParameterError(problems) from None
            collected.extend(problem.at("", ("at", caller())) for problem in problems)
            self._fall_back(parameters, error)

    def _fall_back(self, parameters: Mapping[str, Any], error: ValidationError) -> None:
        """Stand in for the operator that was meant, so that the rest of a pipeline can still be checked."""
        bad = {str(part) for problem in error.errors() for part in problem["loc"][:1]}
        values = {name: value for name, value in parameters.items() if name in type(self).model_fields and name not in bad}
        stand_in = type(self).model_construct(**values)
        for attribute in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"):
            object.__setattr__(self, attribute, getattr(stand_in, attribute))

    @model_validator(mode="before")
    @classmethod
    def _complete_prompts(cls, parameters: Any) -> Any:
        """A prompt given as a mapping changes only what it names: `prompt={"system": "..."}`."""
        if not isinstance(parameters, dict):
            return parameters
        for name, value in parameters.items():
            field = cls.model_fields.get(name)
            if isinstance(value, Mapping) and field is not None and isinstance(field.default, PromptTemplate):
                parameters = {**parameters, name: field.default.changed(**value)}
        return parameters

    @model_validator(mode="after")
    def _check_bindings(self) -> Self:
        known = self.bindable()
        for name, _ in self.columns:
            if name not in known:
                raise ValueError(
                    f"{name} is not a column of {type(self).__name__}, which has {', '.join(sorted(known)) or 'none'}. {closest(name, known)}"
                )
        return self

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    # What it reads and makes

    @property
    def name(self) -> str:
        return type(self).__name__

    def inputs(self) -> dict[str, Input]:
        """The columns read, by short name. Operators whose columns depend on their parameters override this."""
        return declared_inputs(type(self))

    def outputs(self) -> dict[str, Output]:
        """The columns made, by short name."""
        return declared_outputs(type(self))

    def bindable(self) -> set[str]:
        return {f"input_{short}" for short in self.inputs()} | {f"output_{short}" for short in self.outputs()}

    def input_columns(self) -> dict[str, str]:
        """Short name -> the column of the table that it is bound to."""
        bound = dict(self.columns)
        return {short: bound.get(f"input_{short}") or declared.column or short for short, declared in self.inputs().items()}

    def output_columns(self) -> dict[str, str]:
        bound = dict(self.columns)
        return {short: bound.get(f"output_{short}") or declared.column or short for short, declared in self.outputs().items()}

    def bind(self, **columns: str) -> Self:
        """The same operator on other columns: `operator.bind(input_text="body", output_score="quality")`."""
        known = self.bindable()
        problems = [
            _binding_problem(self.name, name, column, known) for name, column in columns.items() if name not in known or not isinstance(column, str)
        ]
        if problems:
            raise ColumnError(problems)
        return self.model_copy(update={"columns": tuple(sorted({**dict(self.columns), **columns}.items()))})

    def changed(self, **parameters: Any) -> Self:
        """The same operator with other parameters, validated."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, **parameters})

    @property
    def needs_all_rows(self) -> bool:
        """Whether it means something else on a shard of a table than on the whole. Operators for which parameters decide override this."""
        return self.scope == "table"

    # What the kind adds

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        """The columns after the operator, given those of its input tables."""
        raise TypeError(f"{self.name} is of no kind: subclass Evaluate, Filter, Refine or Generate.")

    def schema_aside(self, *tables: pa.Schema) -> pa.Schema:
        """The columns of the table of rows set aside, given those of its input tables."""
        return rejected_schema(*(schema for name, schema in zip(self.tables, tables, strict=False) if name in self.accounts_for))

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        """What is wrong with running on tables of these schemas. Empty when nothing is."""
        from operators.core.checks import column_problems, package_problems, prompt_problems

        return [*column_problems(self, tables), *prompt_problems(self), *package_problems(self)]

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        """For each column made: the (input table, column) pairs that it comes from."""
        known = set(tables[0].names)
        read = [(0, column) for column in self.input_columns().values() if column in known]
        made = set(self.output_columns().values())
        return {name: read if name in made or name not in known else [(0, name)] for name in self.schema_out(*tables).names}

    # What it is, as data

    def resource_names(self) -> dict[Need, str]:
        """What the operator needs -> the name of the resource that it asks for."""
        return {need: str(getattr(self, need, need)) for need in self.needs if need != "model"}

    @property
    def needed_packages(self) -> tuple[str, ...]:
        """`packages`, or others where the parameters say so."""
        return self.packages

    def describe(self) -> str:
        """The class and the parameters that are not defaults: "WordCountFilter(min_words=20)"."""
        return repr(self)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.repr and value != field.default:
                yield name, value

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for YAML: {"operator": name, parameter: value, ...}. `registry.build` makes the operator again."""
        return {"operator": self.name, **self.model_dump(mode="json", exclude_defaults=True)}

    def fingerprint(self) -> str:
        """Changes with everything that may change the results: class source and what it uses, version, parameters, prompts, bound columns."""
        prompts = [value.version for _, value in self if isinstance(value, PromptTemplate)]
        parts = (self.name, str(self.version), source_hash(type(self)), self.model_dump_json(exclude={"max_failed"}), *prompts)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    # Two ways to use it

    def __call__(self, *handles: Handle, **columns: str) -> Handle:
        """Inside `Pipeline.forward`: record a stage that does this to the tables behind `handles`."""
        from operators.core.handle import record

        return record(self, handles, columns)

    def run(
        self,
        *storages: Storage,
        into: Storage | None = None,
        rejected: Storage | None = None,
        resources: Mapping[str, Any] | None = None,
        **columns: str,
    ) -> Report:
        """Execute on any storage, with nothing else installed.

        Reads `storages` (one, or one a table of `tables`), writes the result to `into`, or back to the storage itself, and the rows set
        aside, with reasons, to `rejected`. `columns` are bindings: `run(storage, input_text="body", output_score="quality")`.
        """
        from operators.core.runner import run_on_storage

        return run_on_storage(self.bind(**columns) if columns else self, storages, into=into, rejected=rejected, resources=resources or {})


def _parameter_problems(cls: type[Operator], error: ValidationError) -> list[Problem]:
    problems = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        parameter = str(item["loc"][0]) if item["loc"] else ""
        names = [name for name in cls.model_fields if name not in ("columns",)]
        if item["type"] == "extra_forbidden":
            known = ("parameters", ", ".join(names))
            problems.append(Problem(f'{cls.__name__} has no parameter "{parameter}"', details=(known,), suggestion=closest(parameter, names)))
        elif item["type"] == "missing":
            problems.append(Problem(f'{cls.__name__} needs the parameter "{parameter}"', suggestion=f"give it: {cls.__name__}({parameter}=...)"))
        else:
            message = item["msg"].removeprefix("Value error, ")
            given = (("argument", f"{place}={item['input']!r} of {cls.__name__}"),) if place else (("operator", cls.__name__),)
            problems.append(Problem(message[:1].lower() + message[1:], details=given))
    return problems


def _binding_problem(operator: str, name: str, column: object, known: set[str]) -> Problem:
    if name in known:
        return Problem(f"{name} of {operator} is bound to {column!r}: give the name of a column as text")
    listed = ("columns", ", ".join(sorted(known)))
    return Problem(f'{operator} has no input or output "{name}"', details=(listed,), suggestion=closest(name, known))
