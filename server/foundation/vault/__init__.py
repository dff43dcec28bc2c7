"""Text about people, encrypted where it is stored, under a key of the person's own.

Six words explain the rest:

- a **subject** is whoever a value is about: an account, a registration, somebody on the staff;
- a **subject key** seals the values of one subject. It stands in `subject_key`, wrapped. Without
  its row all of that is unreadable, in every backup too: that is how somebody is erased;
- a **master key** wraps subject keys. It comes from a key provider and is never in the database;
- to **seal** is AES-256-GCM with the value's place (table, column, row) bound to it;
- an **index** is a keyed hash in a column of its own, by which a sealed value is found again;
- a **keyring** holds the subject keys that one unit of work has needed, and ends with it.

A column is sealed by its label (`sealed_for`, in `labels.py`); nothing else is to be done. Code
that has a row reads and sets text. What others need of this package is in `keyring.py` (`Vault`),
`key_file.py` (`load_keys`), `subject_keys.py` (`destroy_keys`), and `Db.index`.
"""
