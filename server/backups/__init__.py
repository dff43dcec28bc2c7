"""Copies of the database that outlive it, and the way back.

A backup is one file with all rows of all tables at one moment, the same for SQLite and PostgreSQL:

- a **header** that anybody can read: whose backup it is, from when, of which schema;
- the **dump**: msgpack records with the rows, tables in the order of their links;
- **sealed** in chunks under a key of its own, which the master key wraps into the header. What
  was changed, cut off, put in another order or taken from another backup doesn't open.

Text about people is sealed in the rows already (`foundation/vault`): who erases somebody from the
database destroys the key there, and a backup from before still has it, wrapped. That is why a
restore erases again, by the list in `privacy/tombstone_file.py`, whoever was erased since.
"""
