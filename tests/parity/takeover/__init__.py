"""How a compiled class replaces its source on ArcticTraining."""
