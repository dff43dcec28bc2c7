"""How the database gets its tables, and how it changes with the code.

`migrate.py` is the door. Each change of a table is one file in `versions`, with its way back.
A test compares what the files build with what the code declares, on SQLite and PostgreSQL.
"""
