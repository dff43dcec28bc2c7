"""Requests, questions and complaints: numbered, each with a date by which it is answered.

A case comes by form, by mail or by post. It has a due date in working days of its region from the
moment it is received, and nothing but an answer by a person of ours stops that clock. Whoever
asked needs no account: the address concerned is proven by a code, and a token shows the answer.
"""
