"""A task that sends a mail, as the outbox will: for workers of the queue `messages` that are given this module."""

from __future__ import annotations

from celery import shared_task
from django.core.mail import get_connection, send_mail


@shared_task(name="tests.send_mail", queue="messages")
def send_a_mail(port: int) -> int:
    """By the real protocol, to a server on this machine."""
    server = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    return send_mail("Subject", "Text", "from@test.example", ["to@test.example"], connection=server)
