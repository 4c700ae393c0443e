"""What is wrong with the register: rules as data, findings, and the loop that ends them.

`ruling` is the contract, `quality` holds the rules about the data itself, `standards` those about
what a station must have; `audit` judges by both.
"""

from __future__ import annotations

from stations.audit.auditing import audit, judge_all, rules_for
from stations.audit.grades import graded
from stations.audit.ruling import Context, Rule, judge
from stations.audit.standards import SHIPPED, Standard, load
from stations.audit.telling import by_rule, picked, told
from stations.audit.verdicts import is_unknown

__all__ = [
    "SHIPPED",
    "Context",
    "Rule",
    "Standard",
    "audit",
    "by_rule",
    "graded",
    "is_unknown",
    "judge",
    "judge_all",
    "load",
    "picked",
    "rules_for",
    "told",
]
