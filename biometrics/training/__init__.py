"""Training of the project's own networks and its test pictures; never imported at run time."""
