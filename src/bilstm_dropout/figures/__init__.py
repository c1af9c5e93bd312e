"""Every picture of the project, from arrays and frames, without TensorFlow."""

from .colours import colour_of, family_of, family_of_site, palette
from .heat import heat_map
from .lines import lines
from .masks import mask_alt, mask_grid, mask_picture, sharing
from .ranges import ranges
from .sites import site_map, site_map_alt
from .style import MARKERS, PALETTE, style
from .svg import figure_html, svg
