"""Parts of a query that are worked out first, since the query names them more than once.

Spark puts what a WITH names in the place of each use and works it out anew for each: a rule of ten parts that build on
each other becomes a plan of hundreds. DuckDB works such a part out once, and rules are written for that. Here these
parts become queries of their own, whose answers the rest of the query then names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

Node = exp.Expr

# Around a WITH whose query stands by itself: it names nothing of the rows around it, and is needed in any case.
_AROUND = (exp.Select, exp.From, exp.Subquery, exp.SetOperation, exp.Join)
_COSTLY = (exp.Group, exp.Distinct, exp.Window, exp.Join, exp.SetOperation, exp.AggFunc, exp.Subquery)


@dataclass(frozen=True)
class Step:
    """A query whose answer the steps behind it, and the query itself, read under this name."""

    name: str
    query: Node


def in_steps(tree: Node, fresh: Callable[[], str]) -> tuple[list[Step], Node]:
    """What to work out first, in order, and what is then left of the query. `fresh` gives a name that nothing bears."""
    if tree.find(exp.With) is None:
        return [], tree
    tree, steps = tree.copy(), list[Step]()
    for found in list(tree.find_all(exp.With, bfs=True)):
        if not found.args.get("recursive") and _stands_alone(found, tree):
            steps += _of(found, fresh)
    return steps, tree


def _stands_alone(found: exp.With, root: Node) -> bool:
    """Whether a WITH can be worked out before its query: no part of it may speak of what stands around it."""
    holder = found.parent
    if holder is None:  # its parts are steps, and none is left
        return False
    above: Node = holder
    while above is not root:
        if not isinstance(above.parent, _AROUND) or above.arg_key == "expressions":
            return False
        above = above.parent
        if above.args.get("with_") is not None:
            return False
    return True


def _of(found: exp.With, fresh: Callable[[], str]) -> list[Step]:
    holder, parts = found.parent, list(found.expressions)
    assert holder is not None
    kept = _kept(parts, holder)
    steps: list[Step] = []
    spelt: list[exp.CTE] = []  # parts that stay where they are used
    for n, part in enumerate(parts):
        if part not in kept:
            spelt.append(part)
            continue
        before, query = in_steps(_whole(part.this, spelt), fresh)
        step = Step(fresh(), query)
        steps += [*before, step]
        for later in parts[n + 1 :]:
            _rename(later.this, part.alias, step.name)
        part.pop()
        _rename(holder, part.alias, step.name, found)
    for part in reversed(list(found.expressions)):  # what steps alone were made of
        if not _named(holder, part.alias, part):
            part.pop()
    if not found.expressions:
        found.pop()
    return steps


def _kept(parts: Sequence[exp.CTE], holder: Node) -> list[exp.CTE]:
    """The parts that are worked out once. How often Spark would do so is known from the last part backwards."""
    kept: list[exp.CTE] = []
    times: dict[str, int] = {}  # a part -> how often it would stand in the plan
    beside = parts[0].parent
    for n in reversed(range(len(parts))):
        part = parts[n]
        uses = len(_named(holder, part.alias, beside))
        uses += sum(len(_named(later.this, part.alias)) * times[later.alias] for later in parts[n + 1 :])
        if uses > 1 and _worth_it(part) and not _hidden(part, parts, holder):
            kept.append(part)
            uses = 1
        times[part.alias] = uses
    return kept


def _worth_it(part: exp.CTE) -> bool:
    asked = part.args.get("materialized")
    if asked is not None:
        return bool(asked)
    return part.this.find(*_COSTLY) is not None


def _hidden(part: exp.CTE, parts: Sequence[exp.CTE], holder: Node) -> bool:
    """Whether the name may mean something else in places, or stands for other names of columns."""
    names = [one.alias.lower() for one in holder.find_all(exp.CTE)]
    return bool(part.args["alias"].args.get("columns")) or names.count(part.alias.lower()) > 1


def _whole(query: Node, spelt: Sequence[exp.CTE]) -> Node:
    """A part's query with the parts before it that it builds on."""
    query = query.copy()
    needed: list[exp.CTE] = []
    for part in reversed(spelt):
        if any(_named(user, part.alias) for user in (query, *(one.this for one in needed))):
            needed.insert(0, part.copy())
    if needed:
        own = query.args.get("with_")
        query.set("with_", exp.With(expressions=[*needed, *(own.expressions if own is not None else [])]))
    return query


def _named(tree: Node, name: str, beside: Node | None = None) -> list[exp.Table]:
    """Where a part is named, `beside` left out."""
    nodes = tree.walk(prune=lambda node: node is beside)
    tables = (node for node in nodes if isinstance(node, exp.Table) and not node.db)
    return [table for table in tables if table.name.lower() == name.lower()]


def _rename(tree: Node, name: str, to: str, beside: Node | None = None) -> None:
    for table in _named(tree, name, beside):
        if table.args.get("alias") is None:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
        table.set("this", exp.to_identifier(to))
