"""Tell people of a failed run: in the daemon's log, and where the environment says so in a chat or by mail."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping

import dagster as dg

from sensors.failed_run import FailedRun, failed_run
from sensors.mail import Mail, send_mail
from sensors.webhook import AlertNotSent, send_to_webhook

WEBHOOK = "DATAFLOW_ALERT_WEBHOOK"
"""Address of an incoming webhook, which is a secret."""
MAIL_TO, MAIL_FROM = "DATAFLOW_ALERT_MAIL_TO", "DATAFLOW_ALERT_MAIL_FROM"
"""Addresses, separated by commas, and the sender's."""
SERVER, USER, PASSWORD = "DATAFLOW_SMTP_SERVER", "DATAFLOW_SMTP_USER", "DATAFLOW_SMTP_PASSWORD"
"""HOST:PORT of the mail server; localhost:25 if not set."""
UI = "DATAFLOW_UI"
"""Address of Dagster's web interface, for a link to the run."""

WILL_RETRY = "dagster/will_retry"


def channels(environment: Mapping[str, str]) -> list[Callable[[FailedRun], None]]:
    """Where failed runs are told. Raises ValueError where the mail server's port is no number."""
    told: list[Callable[[FailedRun], None]] = []
    if address := environment.get(WEBHOOK):
        told.append(lambda run: send_to_webhook(address, run))
    if recipients := environment.get(MAIL_TO):
        host, _, port = environment.get(SERVER, "localhost:25").partition(":")
        if not (port or "25").isdecimal():
            raise ValueError(f"{SERVER} is HOST:PORT, and {port} is no port")
        mail = Mail(
            to=tuple(part.strip() for part in recipients.split(",")),
            sender=environment.get(MAIL_FROM) or f"dataflow@{platform.node() or 'localhost'}",
            host=host,
            port=int(port or 25),
            user=environment.get(USER, ""),
            password=environment.get(PASSWORD, ""),
        )
        told.append(lambda run: send_mail(run, mail))
    return told


_SWITCHED_ON = bool(os.environ.get(WEBHOOK) or os.environ.get(MAIL_TO))


@dg.run_failure_sensor(
    description=f"Tells of each failed run: which stage, why, and what to do. To a chat with {WEBHOOK}, by mail with {MAIL_TO}; else in the log.",
    default_status=dg.DefaultSensorStatus.RUNNING if _SWITCHED_ON else dg.DefaultSensorStatus.STOPPED,
)
def failed_run_sensor(context: dg.RunFailureSensorContext) -> None:
    run = context.instance.get_run_by_id(context.dagster_run.run_id) or context.dagster_run
    if run.tags.get(WILL_RETRY) == "true" and run.remote_job_origin is not None:  # a run by hand is not run again by anybody
        context.log.info(f"{run.job_name} (run {run.run_id[:8]}) is run again by Dagster: nobody is told.")
        return
    failed = failed_run(context, os.environ.get(UI, ""))
    context.log.error(failed.text)
    problems = []
    for tell in channels(os.environ):
        try:
            tell(failed)
        except AlertNotSent as error:  # the other channel is still to be told
            problems.append(str(error))
    if problems:
        raise AlertNotSent(" ".join(problems))
