"""Where dropout goes in a bidirectional LSTM: placements as data, one recurrence, and a study over them."""
