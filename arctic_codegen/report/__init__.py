"""Formats host classes, events and callbacks for commands: text, JSON, HTML and Markdown."""
