"""What the four kinds share: finding the subclass's function, and calling it on a batch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from operators.core.batch import Batch, Processed
from operators.core.calls import FATAL, RowResult, call, call_on_batch, find_failing_rows, is_asynchronous, row_arguments
from operators.core.columns import declared_inputs
from operators.core.operator import Operator
from operators.core.rows_reader import RowsReader


class KindOfOperator(Operator, abstract=True):
    """A subclass defines one function named after its kind's verb: `evaluate`, `keep`, `refine` or `generate`.

    Of one row (`keep(self, text: str)`, which may be `async`), of a batch of Arrow arrays (`keep_batch(self, text: pa.Array)`), or, with
    `scope = "table"`, of all rows (`keep_table(self, rows: RowsReader)`). The arguments are the inputs by their short names, then what the
    operator `needs`.
    """

    verb: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(abstract=abstract, **kwargs)
        if not abstract and "[" not in cls.__name__:
            cls._check_function()

    @classmethod
    def _check_function(cls) -> None:
        names = [cls.verb, f"{cls.verb}_batch", f"{cls.verb}_table"]
        function = next((getattr(cls, name) for name in names if hasattr(cls, name)), None)
        if function is None:
            if cls.process is not KindOfOperator.process or cls.inputs is not Operator.inputs:
                return
            raise TypeError(f"{cls.__name__} has nothing to do: define {', '.join(names[:-1])} or, with scope = 'table', {names[-1]}.")
        if function.__name__.endswith("_table") != (cls.scope == "table"):
            raise TypeError(f"{cls.__name__} defines {function.__name__} but its scope is '{cls.scope}'.")
        if cls.scope == "table" or cls.inputs is not Operator.inputs:
            return
        parameters = inspect.signature(function).parameters
        if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
            return
        expected = {*declared_inputs(cls), *(need for need in cls.needs if need != "model")}
        given = set(parameters) - {"self"}
        if expected != given:
            raise TypeError(
                f"{cls.__name__}.{function.__name__} takes ({', '.join(sorted(given))}); its inputs and needs are ({', '.join(sorted(expected))})."
            )

    def row_function(self) -> Callable[..., Any] | None:
        return getattr(self, self.verb, None)

    def batch_function(self) -> Callable[..., Any] | None:
        return getattr(self, f"{self.verb}_batch", None)

    def table_function(self) -> Callable[..., Any]:
        return getattr(self, f"{self.verb}_table")  # type: ignore[no-any-return]

    @property
    def asynchronous(self) -> bool:
        """Whether its rows are worth having many of under way at once."""
        return self.scope == "row" and is_asynchronous(self.row_function())

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        """What becomes of a batch of rows. Needs `scope == "row"` and a function that is not asynchronous."""
        function = self.row_function()
        if function is not None:
            return self.assemble(batch, [call(function, arguments, resources) for arguments in row_arguments(self, batch)])
        try:
            return self.process_arrays(batch, resources)
        except FATAL:
            raise
        except Exception:
            return self.assemble(batch, find_failing_rows(batch, lambda one: self.value_of_row(one, resources)))

    def process_arrays(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        """What becomes of a batch, by the function of a batch. One raise here and the rows are tried one by one."""
        raise NotImplementedError(f"{type(self).__name__} has no function of a batch")

    def value_of_row(self, one: Batch, resources: Mapping[str, Any]) -> RowResult:
        """What the function of a batch says of a batch of one row, as the function of a row would have returned it."""
        raise NotImplementedError(f"{type(self).__name__} has no function of a batch")

    def assemble(self, batch: Batch, results: list[RowResult]) -> Processed:
        """What becomes of a batch, given what the function of a row returned for each row."""
        raise NotImplementedError(f"{type(self).__name__} must define assemble")

    def process_table(self, tables: list[RowsReader], resources: Mapping[str, Any]) -> Any:
        """A generator of `Processed` for a whole-table operator; see the kinds."""
        raise NotImplementedError(f"{type(self).__name__} does not work on whole tables")

    def call_batch(self, batch: Batch, resources: Mapping[str, Any]) -> Any:
        function = self.batch_function()
        if function is None:
            raise TypeError(f"{self.name} defines neither {self.verb} nor {self.verb}_batch")
        return call_on_batch(self, function, batch, resources)
