"""A book that is public: where it is, buttons that run its notebooks, and what other sites read of it."""
