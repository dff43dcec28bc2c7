"""What acting upon a request refuses."""

from server.foundation.errors import Problem


class NothingToActOn(Problem):
    """No account, or none any more, has the address concerned."""

    code, status, title = "nothing_to_act_on", 409, "There is no account that this concerns"
    remedy = "Compare the address; if it is right, answer that nothing is held."


class CopyOver(Problem):
    """For a copy that was fetched, ran out of time or tries, or never was there."""

    code, status, title = "copy_over", 410, "There is no copy to fetch any more"
    remedy = "Make the request again; you will get a new code."
