"""Every picture of the project in one place to import from; each concept has a module of its own.

``show`` displays any of them in a notebook as inline SVG with a description. Nothing here imports TensorFlow
or Keras: figures take arrays and DataFrames.
"""

from .display import figure_html, show, svg
from .figures_comparison import MEASURES, comparison, overview
from .figures_examples import series_examples
from .figures_masks import mask_alt, mask_picture, sharing
from .figures_results import dose_response, learning_curves, prediction_changes
from .figures_sites import site_map, site_map_alt
from .figures_style import MARKERS, PALETTE, style

__all__ = [
    "MARKERS",
    "MEASURES",
    "PALETTE",
    "comparison",
    "dose_response",
    "figure_html",
    "learning_curves",
    "mask_alt",
    "mask_picture",
    "overview",
    "prediction_changes",
    "series_examples",
    "sharing",
    "show",
    "site_map",
    "site_map_alt",
    "style",
    "svg",
]
