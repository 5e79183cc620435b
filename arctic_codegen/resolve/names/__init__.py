"""What a name means, which branches are taken, inheritance, annotations as text."""
