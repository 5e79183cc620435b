"""Host classes: their events, methods and callbacks, in order, and what is wrong with them."""
