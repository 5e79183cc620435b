"""From sources to output: the passes, what is kept between builds, and the output folder."""
