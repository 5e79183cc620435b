"""Records what each statement of a body binds or changes, in order, without looking names up."""
