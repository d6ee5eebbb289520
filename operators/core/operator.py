"""The base of every operator: plain data that names its columns and what it needs, and one function that its kind calls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, Literal, Protocol, Self, TypeAlias, TypeVar, runtime_checkable

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, PrivateAttr, ValidationError, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from operators.asking.prompt import PromptTemplate, example_problems, is_prompt, prompt_problems
from operators.core.alternatives import Alternatives, add_alternatives, check_declared, missing_choice
from operators.core.class_attributes import check_class
from operators.core.functions import OperatorFunction, find_function
from operators.core.packages import package_problems
from operators.core.parameters import CollectsMistakes, parameter_problems
from operators.core.processing import Processing
from operators.core.run import run_on_rows
from operators.core.targets import Target
from operators.engine.batch import rejected_schema
from operators.engine.result import RunResult
from operators.engine.step import Kind
from operators.fingerprint.source_code import source_hash
from operators.tables.column_checks import column_problems
from operators.tables.columns import Bindings, Input, Output
from operators.tables.errors import ParameterError, Problem, closest
from operators.tables.given import Given

Need: TypeAlias = str
"""A kind of resource: "llm", "embedding", "model", "database", "sandbox", "retriever", "documents", or one that an extension brings."""


@runtime_checkable
class RecordsStages(Protocol):
    """What an operator is called with inside `Pipeline.forward`."""

    def record(self, operator: Any, arguments: tuple[Any, ...], columns: Mapping[str, str]) -> Self: ...


Recorded = TypeVar("Recorded", bound=RecordsStages)

OF_THE_STAGE: Final = frozenset({"max_failed", "checkpoint"})
"""Parameters of every operator that say how a stage runs, and nothing of what becomes of a row."""

registered: dict[str, type[Operator]] = {}
"""Every concrete operator whose class was made, by name. `operators.core.registry` finds them."""


class Operator(Processing, BaseModel, metaclass=CollectsMistakes):
    """Something that can be done to a table. Its fields are its parameters; `input_*` and `output_*` class attributes declare its columns.

    Write a subclass of `Evaluate`, `Filter`, `Refine` or `Generate` (or of their LLM forms), never of this. It defines one function, named after the
    verb of its kind: of a row (`keep(self, text: str)`, which may be `async`), of a batch of Arrow arrays (`keep_batch(self, text: pa.Array)`), or,
    with `scope = "table"`, of all rows (`keep_table(self, rows: RowsReader)`). The arguments are the inputs by their short names, then what the
    operator `needs`. What happens to nulls is said in `operators.engine.nulls`. A row for which it raises is set aside, with what it raised as the
    reason::

        class LetterShareFilter(Filter):
            \"""Keep texts of which enough is letters.\"""

            input_text = Input(str)  # without an annotation: annotated attributes are parameters
            min_share: float = Field(0.5, ge=0, le=1)

            def keep(self, text: str) -> bool:
                return sum(map(str.isalpha, text)) >= self.min_share * len(text)

    `operators.tables.columns` says what inputs and outputs can be, `operators.testing.check_operator` tries a new operator on everything.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", ignored_types=(Input, Output))

    kind: ClassVar[Kind]
    verb: ClassVar[str]
    """What the function is named: "evaluate", "keep", "refine" or "generate"."""
    scope: ClassVar[Literal["row", "table"]] = "row"
    """"row": each row alone; "table": every row may depend on every other (dedup, sampling, joins)."""
    tables: ClassVar[tuple[str, ...]] = ("rows",)
    """The names of the input tables, more than one for joins."""
    accounts_for: ClassVar[tuple[str, ...]] = ("rows",)
    """The input tables of which every row is accounted for: it goes on, is a parent of a row that does, gives one its columns, or is set aside.
    All tables of an operator that makes rows; tables that others only look things up in are not among them."""
    unites: ClassVar[bool] = False
    """True for operators that go on with the others where one of their tables is empty: a branch of a pipeline may come to nothing then."""
    adds_rows: ClassVar[bool] = False
    """True for generators that make new rows instead of new columns."""
    needs: ClassVar[tuple[Need, ...]] = ()
    """Resources that the operator's function is given as keyword arguments. The field of the same name says which resource: `llm: str = "llm"`."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Importable packages outside the default installation."""
    extra: ClassVar[str] = ""
    """The optional extra of this project that installs `packages`."""
    prompt_variables: ClassVar[tuple[str, ...]] = ()
    """What the operator gives its prompts beside inputs and parameters: answers to earlier questions."""
    either: ClassVar[Alternatives] = ()
    """Groups of parameters of which exactly one is given; the others are None: (("rows", "share"),). Checked, and in the JSON schema."""
    at_least_one: ClassVar[Alternatives] = ()
    """Groups of parameters of which one or more are given: (("min", "max"),)."""
    asks: ClassVar[tuple[str, ...]] = ()
    """Two to four short wishes that the operator answers, as a user would say them: ("throw out texts that are mostly a menu",)."""
    covers: ClassVar[tuple[str, ...]] = ()
    """Names of operators of the reference system (DataFlow) that this one stands for."""
    source: ClassVar[str] = ""
    """Paper or project that the method comes from."""
    version: ClassVar[int] = 1
    """Raise it when results change for a reason that the source of the class, and of what it uses, does not show."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Parameters for an example, where the defaults are not enough to build one."""
    function: ClassVar[OperatorFunction | None] = None
    """Found when the class is made. None for operators that override `process` or `process_table`."""

    columns: Bindings = Field(default=(), description="Columns bound to inputs and outputs, where not their defaults.", repr=False)
    max_failed: float = Field(0.05, ge=0, le=1, description="Share of rows that may fail (and are set aside) before the stage fails.", repr=False)
    checkpoint: bool = Field(
        True, description="Keep the table of the stage. False: its rows go on to the next stage in one pass, and it has none.", repr=False
    )

    _rejected: bool = PrivateAttr(default=False)

    # Making one

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        """Check and register the finished class, unless it is a base for others."""
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__module__.startswith("operators."):  # ours are built when they are used; a mistake in another is told where it is made
            cls.model_rebuild(raise_errors=False, _parent_namespace_depth=0)
        check_class(cls, Operator)
        for name, field in cls.model_fields.items():
            if isinstance(field.default, Input | Output):
                raise TypeError(f"{cls.__name__}.{name} has an annotation, which makes it a parameter: write {name} = {field.default} without one.")
            if is_prompt(field.annotation) and isinstance(field.default, str | type):
                right = f"PromptTemplate[...](user={field.default!r})" if isinstance(field.default, str) else f"{field.default.__name__}()"
                raise TypeError(f"{cls.__name__}.{name} is to be a prompt, and is a {type(field.default).__name__}: write {right}")
        if hasattr(cls, "verb"):
            cls.function = cls.find_function()
        if not abstract and "[" not in cls.__name__:
            cls.check_function()
            check_declared(cls.__name__, cls.model_fields, cls.either, cls.at_least_one)
            cls.register()

    @classmethod
    def register(cls) -> None:
        """Make the class known by its name. Defining the same class again (a reload) replaces it; classes inside functions stay unknown.

        Raises:
            TypeError: another class has the name.
        """
        if "<locals>" in cls.__qualname__:
            return
        known = registered.get(cls.__name__)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two operators are named {cls.__name__}: {known.__module__} and {cls.__module__}. Rename one.")
        registered[cls.__name__] = cls

    @classmethod
    def find_function(cls) -> OperatorFunction | None:
        """The one function that the class defines. A family whose function has another form than its name says overrides this."""
        return find_function(cls, cls.verb)

    def __init__(self, /, *nameless: Any, **parameters: Any) -> None:
        if nameless:
            names = [name for name in type(self).model_fields if name not in {"columns", *OF_THE_STAGE}]
            example = f"write {self.name}({f'{names[0]}={nameless[0]!r}' if names else ''})"
            said = f"{self.name} takes {'parameters by name' if names else 'no parameters'}, and was given {', '.join(map(repr, nameless))}"
            raise ParameterError([Problem(said, details=(("parameters", ", ".join(names)),), suggestion=example)])
        try:
            super().__init__(**parameters)
        except ValidationError as error:
            raise ParameterError(parameter_problems(type(self).__name__, type(self).model_fields, error)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Only what is private can be set.

        Raises:
            AttributeError: anything else, for the operator would do something else than its parameters and its fingerprint say.
        """
        if not name.startswith("_"):
            known = name in type(self).model_fields
            remedy = f"{self.name}.changed({name}=...) makes another" if known else f"a parameter is a field of its class: {name}: int = 3"
            raise AttributeError(f"{self.name}.{name} cannot be set, for an operator stays as it was made; {remedy}")
        super().__setattr__(name, value)

    @classmethod
    def stand_in(cls, parameters: Mapping[str, Any]) -> Self:
        """Takes the place of an operator whose parameters were rejected, so that the rest of a pipeline can still be checked."""
        stand_in = cls.model_construct(**{name: value for name, value in parameters.items() if name in cls.model_fields})
        stand_in._rejected = True
        return stand_in  # type: ignore[return-value]

    @property
    def is_stand_in(self) -> bool:
        """True where the parameters were rejected, which was reported: nothing more can be said of it."""
        return self._rejected

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
                raise ValueError(f"{name} is not a column of {self.name}, which has {', '.join(sorted(known)) or 'none'}. {closest(name, known)}")
        return self

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if needed := missing_choice(dict(self), self.either, self.at_least_one):
            raise ValueError(f"a{'n' if self.name[0] in 'AEIOU' else ''} {self.name} needs {needed}")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        if cls is Operator:  # any operator, as `as_dict` describes it
            named = {"operator": {"type": "string", "description": "its name; the parameters stand beside it"}}
            return {"type": "object", "properties": named, "required": ["operator"]}
        reference = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        for name, parameter in schema.get("properties", {}).items():  # as `as_dict` has them: operators with their names; mappings are kept as pairs
            default = cls.model_fields[name].default
            if isinstance(default, Operator):
                parameter["default"] = default.as_dict()
            elif parameter.get("type") == "object" and isinstance(default, tuple):
                parameter["default"] = dict(default)
        if cls.either or cls.at_least_one:
            add_alternatives(schema, cls.either, cls.at_least_one)
        return reference

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    # What it reads and makes

    def bindings(self) -> Mapping[str, str]:
        return dict(self.columns)

    def bind(self, **columns: str) -> Self:
        """The same operator on other columns: `operator.bind(input_text="body", output_score="quality")`."""
        self.check_bindings(columns)
        return self.model_copy(update={"columns": tuple(sorted({**dict(self.columns), **columns}.items()))})

    def changed(self, **parameters: Any) -> Self:
        """The same operator with other parameters, validated."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, **parameters})

    @property
    def needs_all_rows(self) -> bool:
        """Whether it means something else on a shard of a table than on the whole. Operators for which parameters decide override this."""
        return self.scope == "table"

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        """The columns after the operator, given those of its input tables."""
        return tables[0]

    def schema_aside(self, *tables: pa.Schema) -> pa.Schema:
        """The columns of the table of rows set aside, given those of its input tables."""
        return rejected_schema(*(schema for name, schema in zip(self.tables, tables, strict=False) if name in self.accounts_for))

    def carried_columns(self, table: pa.Schema) -> list[str]:
        """The columns of the first table that go on, and that an output may not overwrite."""
        return list(table.names)

    def rewritten_columns(self) -> set[str]:
        """The columns that a refiner may change; none for the other kinds."""
        return set()

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        """What is wrong with running on tables of these schemas. Empty when nothing is."""
        if len(tables) != len(self.tables):
            wanted = f"{len(self.tables)} ({', '.join(self.tables)})"
            return [Problem(f"{self.name} takes {wanted} table{'s' if len(self.tables) > 1 else ''}, not {len(tables)}")]
        prompts = {name: value for name, value in self if isinstance(value, PromptTemplate)}
        known = (*type(self).model_fields, *self.prompt_variables)
        return [
            *column_problems(self, tables[0], self.carried_columns(tables[0]), self.rewritten_columns()),
            *prompt_problems(self.name, prompts, self.inputs(), known),
            *example_problems(self.name, prompts, type(self).model_fields),
            *self.package_problems(),
        ]

    def package_problems(self) -> list[Problem]:
        """Optional packages that it needs and that are not installed."""
        return package_problems(self.name, self.needed_packages, self.extra)

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        """For each column made: the (input table, column) pairs that it comes from."""
        known = set(tables[0].names)
        read = [(0, column) for column in dict.fromkeys(self.input_columns().values()) if column in known]
        made = set(self.output_columns().values())
        return {name: read if name in made or name not in known else [(0, name)] for name in self.schema_out(*tables).names}

    # What it is, as data

    def resource_names(self) -> dict[Need, str]:
        """What the operator needs -> the name of the resource that it asks for. Where parts of it need several of a kind, the first is under the
        need itself, each other under "need:name"; `operators.engine.step.need_of` gives the need of both."""
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
        """Plain data, for YAML and other processes: {"operator": name, parameter: value, ...}. `registry.build` makes the operator again."""
        return {"operator": self.name, **self.model_dump(mode="json", exclude_defaults=True)}

    def fingerprint(self) -> str:
        """Changes with everything that may change the results: class source and what it uses, version, parameters, prompts, bound columns."""
        prompts = [value.version for _, value in self if isinstance(value, PromptTemplate)]
        parts = (self.name, str(self.version), source_hash(type(self)), self.model_dump_json(exclude=set(OF_THE_STAGE)), *prompts)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    # Two ways to use it

    def __call__(self, *handles: Recorded, **columns: str) -> Recorded:
        """Inside `Pipeline.forward`: record a stage that does this to the tables behind `handles`. A handle knows how."""
        for handle in handles:
            if isinstance(handle, RecordsStages):
                return handle.record(self, handles, columns)
        found = ", ".join(type(handle).__name__ for handle in handles) or "nothing"
        raise TypeError(f"{self.name} was called with {found}. Inside forward() call it with handles; elsewhere use {self.name}(...).run(storage).")

    def run(
        self,
        *rows: Given,
        output: Target = None,
        rejected: Target = None,
        into: Target = None,
        resources: Mapping[str, Any] | None = None,
        progress: bool | None = None,
        **columns: str,
    ) -> RunResult:
        """Execute on rows of any form, with nothing else installed: `WordCountFilter(min_words=5).run("pages.jsonl").table`.

        Args:
            rows: one table, or one for each of `tables`: the path of a file, a folder or a glob; a data frame (pandas, polars); anything of Arrow; a
                DuckDB relation; a Hugging Face data set; a list of texts (column "text") or of dicts; a dict of columns; a Storage; or the name
                of a table in the warehouse, "web_text.quality".
            output: where the rows that go on are written: a path, which is replaced, or a Storage. They stay in memory without it.
            rejected: the same for the rows set aside, with their reasons.
            into: another name of `output`.
            resources: name -> resource, such as {"llm": serving}. What is needed and not given is opened as the environment says.
            progress: whether to show a bar; by default in a terminal or a notebook.
            columns: bindings, `run(rows, input_text="body", output_score="quality")`.

        Raises:
            ColumnError: the rows lack a column that is read, or have it in another type.
            ParameterError: what was given is not rows, or cannot be written to.
            StageFailed: more rows failed, or were unreadable, than are allowed. Then nothing is written.
        """
        return run_on_rows(self, columns, rows, output, into, rejected, resources, progress)
