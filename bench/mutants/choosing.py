"""Which changes are tried: a sample, by a seed, of those that a user could see.

A place is drawn by its own words, so that a sample stays the same wherever the code around it does: what is learnt from
its survivors can be seen in the next run.
"""

import ast
import logging
import random
import re
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

from bench.mutants.mutant import Mutant

WHERE = ("schemas/checkout_schemas", "server/checkout_server/checkout")

_OBSERVABLE = re.compile(
    r"core/(?:NumberReplacer|AddNot|ExceptionReplacer|ZeroIterationForLoop|ReplaceTrueWithFalse|ReplaceFalseWithTrue"
    r"|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceBreakWithContinue|ReplaceContinueWithBreak"
    r"|ReplaceUnaryOperator_Delete_(?:Not|USub)"
    r"|ReplaceBinaryOperator_(?:Add_Sub|Sub_Add|Mul_Add|Div_Mul|FloorDiv_Mul|BitAnd_BitOr)"
    r"|ReplaceComparisonOperator_(?:Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|Lt_LtE|Lt_GtE|LtE_Lt|LtE_Gt|Gt_GtE|Gt_LtE"
    r"|GtE_Gt|GtE_Lt))"
)
"""Others change types alone, or no program (``==`` to ``is`` on words), or make one that cannot be imported."""


class _Change(NamedTuple):
    module: Path
    operator: Operator
    occurrence: int


def choose(root: Path, sample: int, seed: int, within: str) -> list[Mutant]:
    """At most this many mutants, no two of them at the same place."""
    logging.disable()  # cosmic-ray writes down every step
    modules = [path for folder in WHERE for path in sorted((root / folder).rglob("*.py")) if within in str(path)]
    drawn: list[tuple[float, _Change]] = []
    for module in modules:
        lines = module.read_text(encoding="utf-8").splitlines()
        places: dict[tuple[int, int], list[_Change]] = {}
        for place, change in _changes(module):
            places.setdefault(place, []).append(change)
        for (line, column), changes in places.items():
            words = f"{seed} {module.relative_to(root)} {column} {lines[line - 1]}"
            chance = random.Random(words)  # noqa: S311 - not a secret
            drawn.append((chance.random(), chance.choice(changes)))
    tried = (_mutant(root, change) for _, change in sorted(drawn, key=itemgetter(0)))
    return list(islice((mutant for mutant in tried if mutant is not None), sample))


def _changes(module: Path) -> Iterator[tuple[tuple[int, int], _Change]]:
    """Every change to a module, with its line and column."""
    nodes = list(ast_nodes(get_ast(module.read_text(encoding="utf-8"))))
    for name in filter(_OBSERVABLE.fullmatch, operator_names()):
        operator = get_operator(name)()
        starts = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(starts):
            yield start, _Change(module, operator, occurrence)


def _mutant(root: Path, change: _Change) -> Mutant | None:
    """The changed module; nothing if that is no program, or the same one."""
    code = change.module.read_text(encoding="utf-8")
    mutated = mutate_code(code, change.operator, change.occurrence)
    if mutated is None or not _differ(code, mutated):
        return None
    pairs = enumerate(zip(code.splitlines(), mutated.splitlines(), strict=False), 1)
    line, was, becomes = next(
        (n, before.strip(), " ".join(after.split())) for n, (before, after) in pairs if before != after
    )
    if was.startswith("@dataclass"):  # what pyright checks, and not a test
        return None
    return Mutant(change.module.relative_to(root).as_posix(), line, mutated, was, becomes)


def _differ(code: str, mutated: str) -> bool:
    try:
        return ast.dump(ast.parse(code)) != ast.dump(ast.parse(mutated))
    except SyntaxError:
        return False
