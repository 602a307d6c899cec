"""Other ways of asking than from this process: a provider's batches, and workers of a Ray cluster."""
