"""What the code declares at this moment, made from where each thing is declared.

It is the data of the next edition of the policy, and must not be ahead of the newest one.
"""

from sqlalchemy import MetaData

from server.privacy.cases.remedy_rules import BODIES
from server.privacy.data_map import data_map
from server.privacy.declaration_rules import Declaration, DeclaredUse, changes
from server.privacy.editions import Edition
from server.privacy.purposes import PURPOSES, DeclaredPurpose
from server.privacy.rights import RIGHTS, working_days


def declared_now(metadata: MetaData | None = None) -> Declaration:
    """Purposes, rights, terms, authorities and the data map of every known table."""
    return Declaration(
        purposes=tuple(_use(it) for it in PURPOSES),
        rights=RIGHTS,
        working_days=working_days(),
        authorities={region: bodies.authority for region, bodies in BODIES.items()},
        data_map=data_map(metadata),
    )


def untold(in_force: Edition) -> str | None:
    """Why production may not start while this version is in force; None if it may."""
    if not in_force.published:
        return f"policy {in_force.version} is a draft; publish it (docs/policy-versions.md)"
    found = changes(in_force.declared, declared_now())
    if weighty := [it.text for it in found if it.material]:
        return f"policy {in_force.version} doesn't tell people: {'; '.join(weighty)}"
    return None


def _use(purpose: DeclaredPurpose) -> DeclaredUse:
    found = purpose.assessment
    return DeclaredUse(
        code=purpose.code,
        title=purpose.title,
        basis=purpose.basis.value,
        switch=purpose.switch.value,
        risk=found.risk.value,
        assessment=found.why,
        reviewed=found.reviewed,
    )
