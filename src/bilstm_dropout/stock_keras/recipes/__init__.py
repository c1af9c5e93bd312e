"""The models that much-read pages show, in stock Keras, and what they reach."""

from .results import kept_results, run_recipes
from .table import RECIPES, Recipe
