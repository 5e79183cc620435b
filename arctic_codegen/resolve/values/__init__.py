"""Lists of callbacks, event strings and callables, evaluated from their text alone."""
