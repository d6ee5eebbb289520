"""Programs that do nothing: what a test that proves something has to fail on."""

from __future__ import annotations

import ast

from operators.sandboxes import parse_python


def stub_of(code: str) -> str:
    """A Python program with the same functions, classes and imports, whose functions return None at once. Other languages have no stub but "".

    Raises:
        SyntaxError: it is no Python program.
    """
    tree = _Emptied().visit(parse_python(code))
    return ast.unparse(ast.fix_missing_locations(tree))


class _Emptied(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [ast.Pass()]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.body = [ast.Pass()]
        return node
