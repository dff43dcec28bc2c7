"""Eleven situations in which a purpose is followed without the consent that it otherwise needs.

Somebody on the staff asks, with the evidence that the situation demands and an end; somebody else
on the staff approves. From then to its end the gate honours it, for one person and one purpose, and
that person reads that it is so.
"""
