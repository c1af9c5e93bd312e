"""How dropout acts in an LSTM, one mechanism a module: each has a function that measures it and gives a DataFrame.

All of them are pure in their arguments (sizes, rates, seeds) and run the study's own recurrence (lstm.run_lstm, or
recurrence.unroll) with the study's own masks (masks.draw_masks). `tables` has what the notebook shows, measured or as
published; `settings` the sizes of it. Nothing is imported here, so that parameters can be
checked before TensorFlow is.
"""
