"""What ``list`` and ``explain`` print: host classes, events and callbacks, as text and JSON."""
