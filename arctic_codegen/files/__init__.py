"""Files: opened without waiting, replaced as a whole, locked."""
