"""What stock Keras does with dropout: read back by a probe, shown by traps, trained as public pages show it."""
