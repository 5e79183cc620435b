"""ArcticTraining's recipes: what ``run`` reads in one, and the one that it starts instead."""
