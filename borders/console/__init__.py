"""The booth console: server-rendered pages for first and second line, used without a mouse (docs/officers.md)."""
