"""From sources to output: the passes, the cache between builds, and the output folder."""
