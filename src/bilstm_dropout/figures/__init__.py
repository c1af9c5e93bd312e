"""Every picture of the project in one place to import from; each concept has a module of its own.

``show`` displays any of them in a notebook as inline SVG with a description. Nothing here imports TensorFlow
or Keras: figures take arrays and DataFrames.
"""

from ..book.show import figure_html, show, svg
from .comparison import MEASURES, comparison, overview
from .examples import series_examples
from .masks import mask_alt, mask_picture, sharing
from .placement import dose_response, learning_curves, prediction_changes
from .sites import site_map, site_map_alt
from .style import MARKERS, PALETTE, style

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
