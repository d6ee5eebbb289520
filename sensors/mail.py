"""A failed run by e-mail."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

from sensors.failed_run import FailedRun
from sensors.webhook import AlertNotSent

SECONDS = 20.0


@dataclass(frozen=True)
class Mail:
    """Where mails go, and the server that takes them. With a password the connection has to be encrypted."""

    to: tuple[str, ...]
    sender: str
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)


def mail_of(run: FailedRun, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"[Dagster] {run.title}".replace("\n", " ")
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message.set_content(run.text)
    return message


def send_mail(run: FailedRun, mail: Mail) -> None:
    """Over TLS where the server offers it (port 465: from the start).

    Raises:
        AlertNotSent: the server cannot be reached, refuses the mail, or offers no encryption for the password.
    """
    try:
        with _connected(mail) as server:
            if mail.user:
                server.login(mail.user, mail.password)
            server.send_message(mail_of(run, mail))
    except (OSError, smtplib.SMTPException) as error:
        why = f"{error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
        raise AlertNotSent(f"the mail server {mail.host}:{mail.port} did not take the mail: {why}. Check DATAFLOW_SMTP_SERVER and _USER.") from None


def _connected(mail: Mail) -> smtplib.SMTP:
    if mail.port == 465:
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
    try:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif mail.user:
            raise AlertNotSent(f"the mail server {mail.host}:{mail.port} offers no encryption: the password is not sent. Use its port for TLS.")
    except BaseException:
        server.close()
        raise
    return server
