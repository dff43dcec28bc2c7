"""What can go wrong with a warranty."""

from server.foundation.errors import Problem


class WarrantyBeforeManufacture(Problem):
    """The clock says that the camera isn't made yet."""

    code, status, title = (
        "warranty_before_manufacture",
        409,
        "A warranty can't begin before the camera was made",
    )
    remedy = "Try again later; if it goes on, tell support the request id."


class NoWarrantyTerm(Problem):
    """A model without a row in the table of terms."""

    code, status, title = "no_warranty_term", 409, "There is no warranty term for this model"
    remedy = "Tell support the camera's model and the request id."
