"""Makes a program small: alike rows merged, columns left out that others can always replace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting.program.rules import Rules
from stations.siting.reduce import common, only, same_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.siting.plan import BoolArray, FloatArray, IntArray


def alike(rows: sp.csr_array, base: sp.csr_array, groups: IntArray) -> tuple[IntArray, IntArray]:
    """Return the lowest row of each kind, ascending, and each row's kind.

    Rows are alike where the same columns and base columns reach them and their group is the same.
    """
    kinds, kind = np.unique(groups, return_inverse=True)
    place = (np.arange(len(groups)), kind)
    group = sp.csr_array((np.ones(len(groups)), place), shape=(len(groups), len(kinds)))
    found = same_rows(beside(rows, base, group))
    first = np.sort(found.first)
    return first, np.searchsorted(first, found.first)[found.of_row]


def beside(*parts: sp.csr_array) -> sp.csr_array:
    """Return matrices side by side as one canonical csr."""
    made = sp.csr_array(sp.hstack(parts, format="csr"))
    made.sort_indices()
    return made


def renumbered(rules: Rules, keep: IntArray, size: int) -> Rules:
    """Return the rules in the numbers of the columns kept, of ``size`` before."""
    number = np.full(size, -1)
    number[keep] = np.arange(len(keep))

    def new(group: Sequence[int]) -> tuple[int, ...]:
        found = np.unique(number[np.array(group, int)])
        return tuple(found[found >= 0].tolist())

    pairs = [(int(number[a]), int(number[b])) for a, b in rules.conflicts]
    return Rules(
        exclusive=tuple(g for g in map(new, rules.exclusive) if len(g) > 1),
        conflicts=tuple(pair for pair in pairs if min(pair) >= 0),
        requires=tuple(
            (int(number[k]), new(any_of)) for k, any_of in rules.requires if number[k] >= 0
        ),
        at_most=tuple((new(group), most) for group, most in rules.at_most),
        spend=tuple((new(group), amounts) for group, amounts in rules.spend),
        must=new(rules.must),
        ends=tuple((int(number[k]), b) for k, b in rules.ends if number[k] >= 0),
    )


def replaceable(rows: sp.csr_array, costs: FloatArray, rules: Rules) -> BoolArray:
    """Tell columns that some other column can stand for in every program, or that do nothing.

    The other has all their rows and enables all they enable, costs no more and at least 0, and is
    in no group of columns, ends no station and needs no column that they do not.
    """
    roles, burdens = _roles(rules, len(costs))
    use = sp.csr_array(beside(sp.csr_array(rows.T.tocsr()), roles))
    gone: BoolArray = (np.diff(use.indptr) == 0) & (costs >= 0)
    pairs = common(use)
    if pairs is not None:
        size = np.diff(use.indptr)
        one, other = pairs.row, pairs.col
        inside = (pairs.data == size[one]) & (one != other)
        inside &= (costs[other] <= costs[one]) & (costs[other] >= 0)
        one, other = one[inside], other[inside]
        load = np.diff(burdens.indptr)
        shared = np.asarray(burdens[one].multiply(burdens[other]).sum(axis=1)).ravel()
        fine = shared == load[other]
        same = (size[other] == size[one]) & (costs[other] == costs[one])
        same &= (load[other] == load[one]) & (other > one)
        gone[one[fine & ~same]] = True
    gone[list(rules.must)] = False
    return gone


def _roles(rules: Rules, columns: int) -> tuple[sp.csr_array, sp.csr_array]:
    """Return what each column enables, and the groups, needs and ends it is bound by."""
    near: dict[int, set[int]] = {}
    for pair in rules.conflicts:
        for one, other in (pair, pair[::-1]):
            near.setdefault(other, {other}).add(one)
    for group in rules.exclusive:
        for column in near.keys() & set(group):
            near[column].update(group)
    enables = [any_of for _, any_of in rules.requires]
    burdens: list[Sequence[int]] = [*rules.exclusive, *(sorted(near[one]) for one in sorted(near))]
    burdens += [members for members, _ in (*rules.at_most, *rules.spend)]
    needs: dict[tuple[int, ...], list[int]] = {}
    for column, any_of in rules.requires:
        needs.setdefault(any_of, []).append(column)
    ends: dict[int, list[int]] = {}
    for column, base in rules.ends:
        ends.setdefault(base, []).append(column)
    burdens += [*needs.values(), *ends.values()]
    return _of_column(enables, columns), _of_column(burdens, columns)


def _of_column(groups: Sequence[Sequence[int]], columns: int) -> sp.csr_array:
    """Return columns by groups, a one where the column is in the group."""
    inside = np.array([c for group in groups for c in set(group)], np.int64)
    which = np.repeat(np.arange(len(groups)), [len(set(group)) for group in groups])
    shape = (columns, max(len(groups), 1))
    return only(sp.csr_array((np.ones(len(inside)), (inside, which)), shape=shape))
