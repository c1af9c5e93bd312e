"""Training speed against stock Keras and PyTorch: `make bench`."""
