"""What the policy refuses."""

from server.foundation.errors import Problem


class PolicyNotAccepted(Problem):
    """Nothing but the policy itself, signing in and out, and the own account goes before it."""

    code, status, title = "policy_not_accepted", 403, "The privacy policy is not accepted yet"
    remedy = "Show `/v1/policy`, then accept it at `/v1/policy/acceptance`."


class PolicyNotInForce(Problem):
    """A version that doesn't count for the account and isn't the newest, or that never was."""

    code, status, title = "policy_not_in_force", 409, "This version of the policy is not in force"
    remedy = "Read `/v1/policy` again and accept the version that it shows."


class PolicyTextDiffers(Problem):
    """The fingerprint is not of the text that we serve: something else was shown."""

    code, status, title = "policy_text_differs", 422, "The text that was shown is not the policy"
    remedy = "Show the text of `/v1/policy` unchanged and send its `sha256`."


class FewerRights(Problem):
    """A version that takes a right needs a yes to that by itself, not one among others."""

    code, status, title = "fewer_rights", 409, "This version of the policy gives fewer rights"
    remedy = "Show what its `changes` say; send `fewer_rights: true` only if the person agrees."


class UnknownPolicyVersion(Problem):
    """There never was a policy of this version."""

    code, status, title = "unknown_policy_version", 404, "There is no such version of the policy"
    remedy = "Use a version that `/v1/policy` or an acceptance has named."


class UnknownPurpose(Problem):
    """A code that no purpose has."""

    code, status, title = "unknown_purpose", 404, "There is no such purpose"
    remedy = "Use one of the codes that `/v1/privacy/purposes` lists."


class UnknownPermission(Problem):
    """A permission of phones that no purpose stands on."""

    code, status, title = "unknown_permission", 404, "Nothing here stands on this permission"
    remedy = "Use `location`; other permissions of a phone are no business of ours."


class PurposeHasNoSwitch(Problem):
    """What the service can't do without is accepted with the policy, and ends with the account."""

    code, status, title = "purpose_has_no_switch", 409, "This purpose can't be chosen by itself"
    remedy = "To end it, close the account; it belongs to what the service can't do without."


class PurposeHeldOff(Problem):
    """Its assessment found a high risk, and nobody has reviewed it yet: it is off for everybody."""

    code, status, title = "purpose_held_off", 409, "This purpose waits for a review of its risk"
    remedy = "Leave it off; it can be chosen once its review is done and the policy tells of it."


class PurposeTextDiffers(Problem):
    """The fingerprint is not of the text that we serve: something else was shown."""

    code, status, title = "purpose_text_differs", 422, "The text that was shown is another one"
    remedy = "Show title and text of `/v1/privacy/purposes` unchanged and send their `sha256`."


class BrowserObjects(Problem):
    """The browser says with each request that nothing may be shared (Global Privacy Control)."""

    code, status, title = "browser_objects", 409, "Your browser objects to this purpose"
    remedy = "Turn off Global Privacy Control for this site in the browser, then choose again."


class UnknownReceipt(Problem):
    """For a receipt that isn't there, and for one that is somebody else's."""

    code, status, title = "unknown_receipt", 404, "There is no such receipt"
    remedy = "Use an id that `/v1/privacy/choices` lists."
