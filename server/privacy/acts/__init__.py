"""Requests are acted upon: an account is ended, a copy is handed out, by a proven request.

Where nothing is to be judged that happens with the proof. Everything else a member of the staff
does, with a reason, having opened the request. Each act is on record and in the owner's history.
"""
