"""The source of a class that exists in this process: in a module, a function or a notebook."""
