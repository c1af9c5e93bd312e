"""What masks are drawn for: the sizes of a batch and of the network that reads it. Imports no Keras."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """What masks are drawn for: batch, steps, features the layer reads, units a direction, words, directions."""

    batch: int
    steps: int
    features: int
    units: int
    vocabulary: int = 0
    directions: int = 2

    def axes(self, site: str) -> dict[str, int]:
        """The size of every axis of a site."""
        width = {
            "input": self.features,
            "output": self.directions * self.units,
            "between": self.directions * self.units,
        }.get(site, self.units)
        return {
            "direction": self.directions,
            "sample": self.batch,
            "step": self.steps,
            "gate": 3 if site == "gates" else 4,
            "row": self.units,
            "type": self.vocabulary,
            "feature": width,
        }
