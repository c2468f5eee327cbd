"""A teaching model that reads a vignette, forms a diagnosis that nobody wrote down, and says what to ask next."""
