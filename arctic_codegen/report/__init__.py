"""What commands print about host classes, events and callbacks: text, JSON, HTML and Markdown."""
