"""What every domain stands on: settings, database, labels, errors, identity, clock, ids, log.

Nothing in here knows what a camera or an account is.
"""
