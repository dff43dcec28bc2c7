"""What the pairing routes take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import AfterValidator, Field, model_validator

from devices.pairing import pairing_rules
from devices.pairing.service import Begun, Standing
from devices.registry.public_key import NotAPublicKey, PublicKey
from devices.registry.schemas import CameraName
from devices.registry.tables import Ownership
from server.foundation.wire import Incoming, Outgoing

PairingId = Annotated[str, Path(pattern=r"^pai_[a-z0-9_]{1,60}$")]


class PublicJwkIn(Incoming):
    """A public P-256 key: the members that RFC 7638 names, and no others."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Annotated[str, Field(max_length=43)]
    y: Annotated[str, Field(max_length=43)]

    @model_validator(mode="after")
    def _is_a_key(self) -> Self:
        try:
            _ = self.key()
        except NotAPublicKey as wrong:
            raise ValueError(str(wrong)) from None
        return self

    def key(self) -> PublicKey:
        """The key itself."""
        return PublicKey.of(self.model_dump())


class PairingIn(Incoming):
    """What the camera is to be called, and the key that the phone shows it."""

    name: CameraName
    phone_key: PublicJwkIn


class PairingOut(Outgoing):
    """A pairing that waits for its camera. The token is told this once."""

    id: str
    token: str
    expires_at: datetime
    server: str

    @classmethod
    def of(cls, begun: Begun, server: str) -> Self:
        """The pairing on the wire; `server` is where the camera has to go."""
        pairing = begun.pairing
        return cls(id=pairing.id, token=begun.token, expires_at=pairing.expires_at, server=server)


class PairedCameraOut(Outgoing):
    """The camera that answered: its key, and the proof for the phone to check."""

    id: str
    key: dict[str, str]
    proof: str


class PairingStateOut(Outgoing):
    """How a pairing stands."""

    id: str
    state: pairing_rules.State
    camera: PairedCameraOut | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """The state on the wire."""
        device, proof = standing.device, standing.pairing.proof
        camera = None
        if device and proof:
            key = PublicKey.read(device.public_key).jwk()
            camera = PairedCameraOut(id=device.id, key=key, proof=proof)
        return cls(id=standing.pairing.id, state=standing.state, camera=camera)


def _of_proof_form(proof: str) -> str:
    if not pairing_rules.is_proof(proof):
        raise ValueError("43 characters of base64url without padding")
    return proof


class RedemptionIn(Incoming):
    """What a camera read through its lens, and its proof for the phone."""

    token: Annotated[str, Field(max_length=200)]
    proof: Annotated[str, Field(max_length=64), AfterValidator(_of_proof_form)]


class RedemptionOut(Outgoing):
    """The camera's id, what its owner calls it, and the epoch that began."""

    camera_id: str
    name: str
    epoch: int

    @classmethod
    def of(cls, ownership: Ownership) -> Self:
        """The new ownership on the wire."""
        return cls(camera_id=ownership.camera_id, name=ownership.name, epoch=ownership.epoch)
