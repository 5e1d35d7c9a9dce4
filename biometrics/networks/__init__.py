"""The neural networks of this system: where they come from, how they are rewritten, how they are verified."""
