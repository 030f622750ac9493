"""Why somebody can tell a figure: the declared relations that together narrow it down, for whoever reads a failure."""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from disclosure.attacked_knowledge import Figures
from disclosure.linear_ranges import CLOSE, Constraint, Terms


def explained(terms: Terms, low: float, known: np.ndarray, figures: Figures) -> str:
    """The relations by which `terms` is as low (or as high, where its lowest is at most `low`) as can be."""
    unknown = np.isnan(known)
    constant = np.where(unknown, 0.0, known)
    constraints = list(figures.constraints)
    at_most, most, equal, equals = [], [], [], []
    why: dict[str, list[Constraint]] = {"at most": [], "equal": []}
    for constraint in constraints:
        row = np.zeros(len(known))
        for figure, factor in constraint.terms:
            row[figure] = factor
        shift = float(row @ constant)
        if constraint.low == constraint.high:
            equal.append(row)
            equals.append(constraint.high - shift)
            why["equal"].append(constraint)
            continue
        for sign, bound in ((1, constraint.high), (-1, constraint.low)):
            if np.isfinite(bound):
                at_most.append(sign * row)
                most.append(sign * (bound - shift))
                why["at most"].append(constraint)
    costs = np.zeros(len(known))
    for figure, factor in terms:
        costs[figure] = factor
    for sign in (1, -1):
        solution = linprog(
            sign * costs,
            A_ub=vstack([csr_matrix(row) for row in at_most]) if at_most else None,
            b_ub=most or None,
            A_eq=vstack([csr_matrix(row) for row in equal]) if equal else None,
            b_eq=equals or None,
            bounds=[(0, None if each else 0) for each in unknown],
            method="highs",
        )
        if sign == -1 or (solution.status == 0 and solution.fun > low + CLOSE):
            break
    weights = []
    if solution.status == 0:
        weights += zip(why["at most"], solution.ineqlin.marginals, strict=True) if at_most else []
        weights += zip(why["equal"], solution.eqlin.marginals, strict=True) if equal else []
    used = [constraint for constraint, weight in weights if abs(weight) > CLOSE]
    return "\n".join(_said(constraint, figures, unknown) for constraint in used)


def _said(constraint: Constraint, figures: Figures, unknown: np.ndarray) -> str:
    lines = [f"{constraint.low} <= ... <= {constraint.high}: {constraint.why}"]
    for figure, factor in constraint.terms:
        _, table, key, column = figures.places[figure][0]
        state = "withheld" if unknown[figure] else "known"
        lines.append(f"    {factor:+g} {table}.{column} {key}: {figures.values[figure]:g} {state}")
    return "\n".join(lines)
