"""The study's tests: what was tuned, confirmed and run at one fixed rate, as the method page fixed it beforehand."""
