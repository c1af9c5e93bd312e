"""New rows for a trained network: read by the rules of its training data, good ones beside bad ones."""
