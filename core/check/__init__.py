"""Are points where they should be, and if not, which fault explains them."""

from .fault import Fault
from .residuals import Residuals, Statistics, compare_depth, compare_points
from .samples import Samples, choose_samples
from .truth import Candidate
from .verdict import Verdict, diagnose

__all__ = [
    "Candidate",
    "Fault",
    "Residuals",
    "Samples",
    "Statistics",
    "Verdict",
    "choose_samples",
    "compare_depth",
    "compare_points",
    "diagnose",
]
