"""Pairing by light: how a camera comes to have an owner.

The phone asks for a pairing and shows its token, with a secret of its own, to the camera's lens.
The camera redeems the token, signed in by its factory key, and leaves a proof for the phone.
The server never learns the secret, so it can't slip in another camera.
"""
