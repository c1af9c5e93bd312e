"""Text sets: files of sentences, read, checked, split and numbered."""

from .tokenizer import tokenize
