"""News and invitations by mail, to those who switched them on and confirmed it.

Open `sending.py`: how nobody gets a letter twice, nor after they withdrew.
"""
