"""Reviews of how we gather, keep and handle data, the building and its doors included.

Each area is looked at within its interval, by a person of ours who writes down what was found. A
finding stays open until somebody says what was done about it.
"""
