"""Published runs trained again: by this code, and by a program that shares none of it."""
