"""When the mail server is away: a problem that says so, for every address alike."""

from pathlib import Path

from server.accounts.tables import Registration
from server.demo.processes import free_port
from server.foundation.mail import SmtpMail
from tests.people import people


async def test_a_letter_that_nobody_takes_is_told_after_the_registration_was_stored(
    tmp_path: Path, database_url: str
) -> None:
    mail = SmtpMail("127.0.0.1", free_port(0), "us@example.com", starttls=False)
    async with people(tmp_path, database_url, mail=mail) as house, house.browser() as browser:
        answer = await house.ask(browser, "anna@example.com")
        assert (answer.status_code, answer.json()["code"]) == (503, "mail_not_sent")
        assert "anna" not in answer.text
        assert len(await house.rows(Registration)) == 1
        assert (await house.ask(browser, "anna@example.com")).status_code == 503
