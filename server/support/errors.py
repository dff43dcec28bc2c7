"""What the staff's routes refuse."""

from server.foundation.errors import Problem


class WrongStaffCredentials(Problem):
    """A name or a password that doesn't fit, or somebody who left: nobody learns which."""

    code, status, title = "wrong_staff_credentials", 401, "The name or the password is wrong"
    remedy = "Check both. Passwords are set by whoever runs the service, with `secuhome staff-add`."


class UnknownSerial(Problem):
    """A serial that the factory never told of."""

    code, status, title = "unknown_serial", 404, "There is no camera with this serial"
    remedy = "Compare the serial with the label on the camera; the look was recorded."


class ProcessingRestricted(Problem):
    """The owner has asked whether data is handled lawfully; meanwhile it is stored and no more."""

    code, status, title = "processing_restricted", 409, "This person's data is not used for now"
    remedy = "Wait until the owner's request is answered, or ask the owner; the look was recorded."


class StaffNameTaken(Problem):
    """Two of the staff with one name could not be told apart in the record of looks."""

    code, status, title = "staff_name_taken", 409, "Somebody on the staff has this name already"
    remedy = "Choose a name that tells the two apart."
