"""SQLite through aiosqlite: one writing connection, one function per query."""
