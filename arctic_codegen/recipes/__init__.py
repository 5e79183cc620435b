"""ArcticTraining's recipes: reading one, and deriving the one that ``run`` starts."""
