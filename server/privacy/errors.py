"""What the policy refuses."""

from server.foundation.errors import Problem


class PolicyNotAccepted(Problem):
    """Nothing but the policy itself, signing in and out, and the own account goes before it."""

    code, status, title = "policy_not_accepted", 403, "The privacy policy is not accepted yet"
    remedy = "Show `/v1/policy`, then accept it at `/v1/policy/acceptance`."


class PolicyNotInForce(Problem):
    """Another version than the one in force, older or unknown."""

    code, status, title = "policy_not_in_force", 409, "This version of the policy is not in force"
    remedy = "Read `/v1/policy` again and accept the version that it shows."


class PolicyTextDiffers(Problem):
    """The fingerprint is not of the text that we serve: something else was shown."""

    code, status, title = "policy_text_differs", 422, "The text that was shown is not the policy"
    remedy = "Show the text of `/v1/policy` unchanged and send its `sha256`."


class UnknownPolicyVersion(Problem):
    """There never was a policy of this version."""

    code, status, title = "unknown_policy_version", 404, "There is no such version of the policy"
    remedy = "Use a version that `/v1/policy` or an acceptance has named."
