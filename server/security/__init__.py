"""Who is asking, from where, and how often: passwords, tokens, places, throttles, events.

Nothing in here knows how an account is made or what a camera is; it guards whatever stands above.
"""
