"""The single changes that can be made to a node of a Python program: each turns it into another that a test should tell from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, TypeAlias

ChangeKind: TypeAlias = Literal["arithmetic", "comparison", "condition", "constant", "off_by_one", "return", "statement"]


class Change(NamedTuple):
    """`field` of a node (its item at `place`, where it is a list) becomes `new`."""

    kind: ChangeKind
    field: str
    place: int | None
    new: Any


_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def changes_of(node: ast.AST) -> Iterator[Change]:
    """All changes of one node, none of its children, in a fixed order."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _ARITHMETIC:
            yield Change("arithmetic", "op", None, _ARITHMETIC[type(op)]())
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield Change("arithmetic", "op", None, ast.UAdd())
        case ast.Compare(ops=ops):
            for place, relation in enumerate(ops):
                yield from (Change("comparison", "ops", place, other()) for other in _COMPARISONS[type(relation)])
        case ast.BoolOp(op=op):
            yield Change("condition", "op", None, ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.If(test=test) | ast.IfExp(test=test):
            yield Change("condition", "test", None, _negated(test))
        case ast.While():
            yield Change("condition", "test", None, ast.Constant(False))
        case ast.comprehension(ifs=ifs):
            yield from (Change("condition", "ifs", place, _negated(test)) for place, test in enumerate(ifs))
        case ast.Constant(value=value):
            yield from (Change("constant", "value", None, other) for other in _other_values(value))
        case ast.Call(func=ast.Name(id="range"), args=arguments) if arguments:
            last = min(len(arguments), 2) - 1
            yield from (Change("off_by_one", "args", last, _shifted(arguments[last], by)) for by in (1, -1))
        case ast.Subscript(slice=ast.expr() as index) if not isinstance(index, ast.Slice | ast.Tuple | ast.Constant):
            yield Change("off_by_one", "slice", None, _shifted(index, 1))
        case ast.Slice(lower=lower, upper=upper):
            for field, bound in (("lower", lower), ("upper", upper)):
                if bound is not None:
                    yield from (Change("off_by_one", field, None, _shifted(bound, by)) for by in (1, -1))
        case ast.Return(value=ast.expr() as returned) if not (isinstance(returned, ast.Constant) and returned.value is None):
            yield Change("return", "value", None, ast.Constant(None))


def changes_of_body(body: list[ast.stmt]) -> Iterator[tuple[int, ast.stmt]]:
    """For each statement that can be left out or turned round: its place, and what stands there then."""
    for place, statement in enumerate(body):
        match statement:
            case ast.Break():
                yield place, ast.Continue()
            case ast.Continue():
                yield place, ast.Break()
            case ast.AugAssign() | ast.Expr(value=ast.Call() | ast.Await()) | ast.Assign(targets=[ast.Subscript() | ast.Attribute()]) | ast.Delete():
                yield place, ast.Pass()


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def _shifted(number: ast.expr, by: int) -> ast.expr:
    return ast.BinOp(number, ast.Add() if by > 0 else ast.Sub(), ast.Constant(1))


def _other_values(value: object) -> tuple[object, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1,) if value == 0 else (value + 1, value - 1)
    if isinstance(value, float):
        return (value + 1.0,) if value + 1.0 != value else (1.0,)
    if isinstance(value, str):
        return ("",) if value else ("x",)
    return ()
