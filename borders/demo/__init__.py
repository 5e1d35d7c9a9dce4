"""Utopia: the demo country, its people, and a day at its borders. Nobody and nothing in it is real."""
