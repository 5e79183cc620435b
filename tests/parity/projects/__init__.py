"""Projects on ArcticTraining in the shapes that their authors give them."""
