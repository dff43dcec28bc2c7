"""What the program finds out about a request on a ground, before a person answers it.

What is held is compared with the choices on record, and recorded uses with the version of the
policy that was accepted. The staff reads it with a proposed answer; one that contradicts it is
refused.
"""
