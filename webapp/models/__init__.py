"""The SQL models. Importing this package knows all of them, as migrations need."""

from webapp.models.accounts import Membership, Role, SignInLink, User
from webapp.models.keys import PersonalApiKey
from webapp.models.projects import IngestionToken, Project
from webapp.models.scheduling import RunStatus, ScheduledTask

__all__ = [
    "IngestionToken",
    "Membership",
    "PersonalApiKey",
    "Project",
    "Role",
    "RunStatus",
    "ScheduledTask",
    "SignInLink",
    "User",
]
