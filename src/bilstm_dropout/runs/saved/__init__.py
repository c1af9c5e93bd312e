"""Trained networks kept as files, and what they answer for new rows."""
