"""The whole service ends: nothing new is taken, everybody hears of it, and then all is erased.

`closing.py` begins it and keeps the doors, `work.py` does the rest by itself, hour by hour: letters
first (`telling.py`), the erasure of everybody on the day that they were told, and, when nothing is
left but what a law names, a signed report (`report.py`).
"""
