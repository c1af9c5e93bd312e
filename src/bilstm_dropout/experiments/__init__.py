"""Every list of runs that was fixed before it was trained, each beside what is concluded from it."""

from .parts import PARTS, complete, named
from .training import plan, publish, train
