"""What is worth building: the discrete network design problem, to proven optimum."""

from isthmus.portfolio.enumeration import enumerate_designs
from isthmus.portfolio.instance import DesignInstance, read_instance
from isthmus.portfolio.search import Design, design

__all__ = ["Design", "DesignInstance", "design", "enumerate_designs", "read_instance"]
