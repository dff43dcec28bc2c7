"""Cameras: who made them, who they belong to, and who may call them.

A camera proves who it is with the key that the factory gave it; nobody gets anywhere by knowing
a serial or an id. Open `call_rules.py` first.
"""
