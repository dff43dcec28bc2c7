"""Our own people: they sign in, and look at a camera's warranty for a case with a reason.

Nothing else is open to them, and the camera's owner reads of every look.
"""
