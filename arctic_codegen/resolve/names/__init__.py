"""The names door: what a name means, which branches are live, inheritance, annotations as text."""
