"""What each statement of a body binds or changes, in order: pure records, nothing looked up."""
