"""An account's end: cancelled by its owner, erased in steps that outlive any process, certified.

`cancelling.py` is what the owner does, `work.py` runs what is due, `steps.py` are the steps in
their order. `erasure_rules.py` says what becomes of each table, by its labels and nothing else.
"""
