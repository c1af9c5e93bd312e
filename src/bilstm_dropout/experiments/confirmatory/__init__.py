"""The study's statistical tests: what was tuned, confirmed and run at one rate, as the method page fixed beforehand."""
