"""A study of the reader's own data: import, design, training in the time that there is, and what came of it.

reviews.csv ─► prepare ─► data set own-reviews ─► design ─► pace of the first runs ─► training ─► results ─► the book
"""
