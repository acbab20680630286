"""Figures worked out from named quantities: + - * / and parentheses over `quantity.run` and numbers, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def names_in(text: str) -> set[tuple[str, str]]:
    """The (quantity, run) pairs that a formula asks for; raises ValueError saying what stands there that is no formula."""
    found: set[tuple[str, str]] = set()

    def note(quantity: str, run: str) -> float:
        found.add((quantity, run))
        return 1.0

    _walk(_tree(text), note, dry=True)
    return found


def value_of(text: str, look_up: Callable[[str, str], float]) -> float:
    """The value of a formula; NaN where it divides by nothing.

    Parameters
    ----------
    look_up : callable
        Value of a quantity in a run.
    """
    return _walk(_tree(text), look_up)


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(_safe(text), mode="eval").body
    except SyntaxError as error:
        raise ValueError("a formula of quantity.run, numbers, + - * / and parentheses") from error


def _safe(text: str) -> str:
    """Slugs hold hyphens, which Python would read as minus: a minus stands between blanks."""
    return "".join(
        "_"
        if sign == "-" and 0 < i < len(text) - 1 and text[i - 1].isalnum() and text[i + 1].isalnum()
        else sign
        for i, sign in enumerate(text)
    )


def _walk(node: ast.expr, look_up: Callable[[str, str], float], *, dry: bool = False) -> float:
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        left, right = (_walk(side, look_up, dry=dry) for side in (node.left, node.right))
        return _combined(_SIGNS[type(node.op)], left, right, dry=dry)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_walk(node.operand, look_up, dry=dry)
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        return float(node.value)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return look_up(node.value.id.replace("_", "-"), node.attr.replace("_", "-"))
    raise ValueError("a formula of quantity.run, numbers, + - * / and parentheses")


def _combined(sign: str, left: float, right: float, *, dry: bool) -> float:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    return 1.0 if dry else left / right if right else float("nan")
