"""Kept for the command that book/method.md prints; the function is in results/method.py."""

from .results.method import method_hash  # noqa: F401
