"""How a compiled class takes its source's place on ArcticTraining."""
