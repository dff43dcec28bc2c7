"""Finds where data of an optional purpose is touched without asking whether that is allowed.

A function touches it by reading a column's attribute or by setting it in a constructor. It asks by
calling the gate, or by taking a `Granted`, which only the gate makes.
"""

import ast
from collections.abc import Iterator
from typing import Final

from sqlmodel import SQLModel

from server.foundation.labels import Personal, labelled_columns
from server.privacy.purposes import PURPOSES, Switch

ASKING: Final = {"allowed", "granted_by"}


def optional_columns() -> set[str]:
    """The names of all columns that are labelled for a purpose with a switch."""
    reasons = {why for row in PURPOSES if row.switch is not Switch.NONE for why in row.covers}
    return {
        column.name
        for column, label in labelled_columns(list(SQLModel.metadata.tables.values()))
        if isinstance(label, Personal) and label.why in reasons
    }


def ungated(module: ast.Module, columns: set[str]) -> list[str]:
    """Where a module touches one of the columns without asking: function, column and line."""
    return list(_ungated(module, columns, "the module", asks=False))


def _ungated(node: ast.AST, columns: set[str], where: str, *, asks: bool) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            asking = asks or _asks(child)
            yield from _ungated(child, columns, child.name, asks=asking)
            continue
        if not asks and (name := _touched(child)) in columns:
            yield f"{where}: {name}, line {getattr(child, 'lineno', 0)}"
        yield from _ungated(child, columns, where, asks=asks)


def _touched(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.arg if isinstance(node, ast.keyword) else None


def _asks(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = [*function.args.args, *function.args.kwonlyargs]
    if any(isinstance(it.annotation, ast.Name) and it.annotation.id == "Granted" for it in given):
        return True
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKING
        for node in ast.walk(function)
    )


# What people type to register. A name is an attribute of too many things to be looked for by name.
REGISTRATION: Final = {"email", "email_index", "area", "avatar_url", "password_hash"}
# Parts that work for the account and its protection, which are what these are collected for.
OF_THE_ACCOUNT: Final = ("server/accounts/", "server/security/", "server/privacy/erasure/")


def undeclared(module: ast.Module) -> list[str]:
    """Where a module reads what was typed to register without naming what for (`may_use`)."""
    return [
        f"{function.name}: {node.attr}, line {node.lineno}"
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and not _names_a_use(function)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in REGISTRATION
    ]


def _names_a_use(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "may_use"
        for node in ast.walk(function)
    )
