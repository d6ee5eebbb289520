"""The four kinds of operators. Each makes a promise that the runner enforces on every run and that a property test checks on every operator."""

from operators.core.kinds.evaluate import Evaluate
from operators.core.kinds.filter import Filter
from operators.core.kinds.generate import Generate
from operators.core.kinds.refine import Refine

__all__ = ["Evaluate", "Filter", "Generate", "Refine"]
