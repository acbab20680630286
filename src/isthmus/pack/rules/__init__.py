"""What must hold between the tables of a region."""

from isthmus._errors import Problem
from isthmus.pack.rules import behaviour, network, pointers
from isthmus.pack.rules.draft import Draft

RULES = (*network.RULES, *behaviour.RULES, *pointers.RULES)
"""Every rule: a draft in, problems out."""


def find_problems(draft: Draft) -> list[Problem]:
    """Everything that breaks a rule; cells that could not be read are empty and pass."""
    return [problem for rule in RULES for problem in rule(draft)]


__all__ = ["Draft", "find_problems"]
