"""Genuine and forged documents, made from a seed, to measure what the checks find. Nobody of them exists."""
