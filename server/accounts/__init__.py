"""People: how an account comes to be, and how its owner comes in, stays in and goes.

Nothing in here knows what a camera is.
"""
