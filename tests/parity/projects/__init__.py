"""Projects on ArcticTraining, in typical forms."""
