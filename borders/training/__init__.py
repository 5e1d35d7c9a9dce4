"""Training at a booth: drawn travellers that a trainee calls up, with the right answer known before."""
