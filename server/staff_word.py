"""A member of the staff at the command line: name and password, as at the staff console."""

import sys

import typer

from server.main import House
from server.security.two_people import Operator
from server.support.service import prove
from server.support.tables import StaffMember


def password_of(name: str) -> str:
    """The password, asked for at a terminal, else a line of standard input."""
    if sys.stdin.isatty():
        return typer.prompt(f"Password of {name}", hide_input=True)
    return sys.stdin.readline().rstrip("\n")


async def proven_staff(house: House, name: str, password: str) -> StaffMember:
    """The active member of the staff. Raises WrongStaffCredentials."""
    return await prove(house.foundation.database, house.security.passwords, name, password)


async def proven_operator(house: House, name: str, password: str) -> Operator:
    """The same, as one who asks for something or agrees to it. Raises WrongStaffCredentials."""
    member = await proven_staff(house, name, password)
    return Operator(member.id, member.created_at)
