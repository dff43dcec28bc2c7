"""People see, put right and delete particular data themselves; all of it follows from the labels.

`fields.py` makes the form, `correcting.py` stores what was sent, `deleting.py` ends a category.
What may go, and why the rest stays, is in `deletion_rules.py`.
"""
