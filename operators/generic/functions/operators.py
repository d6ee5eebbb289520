"""Functions of your own as stages, one operator for each kind."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field, field_validator

from operators.core.kinds import Evaluate, Filter, Generate, Refine
from operators.core.operator import Operator
from operators.fingerprint.definitions import content_of
from operators.generic.functions.signature import Signature, arrow_fits, row_type, signature_of
from operators.tables.columns import Input, Output

_EXAMPLES = "operators.generic.functions.example"


class CallsFunction(Operator, abstract=True):
    """Reads a column for each argument of the function, of its name. A null is only given to an argument that may be None or has a default."""

    python: str = Field(description='The function: "my_module:function", in a module that can be imported.')

    @field_validator("python")
    @classmethod
    def _fits(cls, python: str) -> str:
        signature = signature_of(python)
        if not signature.inputs:
            raise ValueError(f"{python} takes no argument: it needs one for each column that it reads")
        cls._check_returns(python, signature)
        return python

    @classmethod
    def _check_returns(cls, python: str, signature: Signature) -> None:
        """That its return annotation says what it makes. Raises ValueError."""

    @property
    def signature(self) -> Signature:
        return signature_of(self.python)

    def inputs(self) -> dict[str, Input]:
        return dict(self.signature.inputs)

    def call(self, values: Mapping[str, Any]) -> Any:
        """The function's value; an argument with a default keeps it where its column is missing, or is null."""
        parameters = inspect.signature(self.signature.function).parameters
        given = {name: value for name, value in values.items() if value is not None or parameters[name].default is inspect.Parameter.empty}
        return self.signature.function(**given)

    def fingerprint(self) -> str:
        """Changes with the function too, and with what it uses of its own package."""
        parts = (super().fingerprint(), content_of([self.signature.function]))  # type: ignore[list-item]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class FunctionEvaluator(CallsFunction, Evaluate):
    """Make columns with a Python function of your own: `FunctionEvaluator(python="my_module:word_count")`.

    The return annotation says what is made: a type makes one column with the name of the function, a pydantic model one for each field.
    """

    asks = ("call my own function on every record", "add a column computed in python", "custom score without writing an operator")
    covers = ("PandasOperator",)
    example: ClassVar[Mapping[str, Any]] = {"python": f"{_EXAMPLES}:word_count"}

    @classmethod
    def _check_returns(cls, python: str, signature: Signature) -> None:
        if not arrow_fits(signature.returns):
            raise ValueError(f'{python} does not say what it returns: annotate it, "-> int", or with a pydantic model of several columns')

    def outputs(self) -> dict[str, Output]:
        return self.signature.outputs(self.signature.returns)

    def evaluate(self, **values: Any) -> dict[str, Any]:
        return self.signature.columns_of(self.call(values), self.signature.returns)


class FunctionFilter(CallsFunction, Filter):
    """Keep the rows for which a Python function of your own returns True; it may return a reason beside it: `(False, "too short")`."""

    asks = ("filter rows with my own python function", "keep records by custom code", "drop rows by a predicate of mine")
    covers = ("PandasOperator",)
    example: ClassVar[Mapping[str, Any]] = {"python": f"{_EXAMPLES}:is_long"}

    def keep(self, **values: Any) -> Any:
        return self.call(values)


class FunctionRefiner(CallsFunction, Refine):
    """Rewrite a column with a Python function of your own: the column of its first argument becomes what it returns. The others are only read."""

    asks = ("rewrite a column with my own function", "apply custom cleaning code in place", "map python over a column")
    covers = ("PandasOperator",)
    example: ClassVar[Mapping[str, Any]] = {"python": f"{_EXAMPLES}:without_spaces_around"}

    def refine(self, **values: Any) -> Any:
        return self.call(values)


class FunctionRowsGenerator(CallsFunction, Generate):
    """Make new rows of each row with a Python function of your own, which returns an iterable: `def lines(text: str) -> Iterator[Line]`.

    The annotation says what a row holds: a pydantic model, or a type for one column with the name of the function.
    """

    adds_rows = True
    asks = ("split records with my own function", "make several rows of one in python", "explode with custom code")
    covers = ("PandasOperator",)
    example: ClassVar[Mapping[str, Any]] = {"python": f"{_EXAMPLES}:lines", "carry": "none"}

    @classmethod
    def _check_returns(cls, python: str, signature: Signature) -> None:
        if row_type(signature.returns) is None:
            raise ValueError(f'{python} does not say which rows it makes: annotate it, "-> Iterator[Line]", with Line a pydantic model or a type')

    def outputs(self) -> dict[str, Output]:
        return self.signature.outputs(row_type(self.signature.returns))

    def generate(self, **values: Any) -> list[dict[str, Any]]:
        rows: Iterable[Any] = self.call(values)
        if isinstance(rows, str | bytes | Mapping | BaseModel):
            raise TypeError(
                f"{self.signature.function.__name__} returned one {type(rows).__name__}, not several rows: return a list of them, or yield each"
            )
        of = row_type(self.signature.returns)
        return [self.signature.columns_of(row, of) for row in (sorted(rows) if isinstance(rows, set | frozenset) else rows)]
