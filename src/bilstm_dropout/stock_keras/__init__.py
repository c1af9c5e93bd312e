"""What stock Keras does with dropout: read back by a probe, trained as public pages show it."""
