"""Route templates, as the other modules here use them. They live in the workspace part, which checks them."""

from haechi.workspace.template import Segment, Template, parse

__all__ = ["Segment", "Template", "parse"]
