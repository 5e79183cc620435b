"""Changes of sources, spliced into the original bytes: everything else stays as it was."""
