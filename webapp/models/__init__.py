"""The SQL models. Importing this package knows all of them, as migrations need."""

from webapp.models.accounts import Membership, Role, SignInLink, User
from webapp.models.alerts import (
    Alert,
    AlertDelivery,
    AlertDeliveryAttempt,
    AlertDestination,
    AlertEvent,
    DeliveryStatus,
    DestinationKind,
)
from webapp.models.audit import ActorKind, AuditEntry
from webapp.models.facets import PinnedFacet
from webapp.models.invitations import Invitation
from webapp.models.keys import PersonalApiKey
from webapp.models.projects import IngestionToken, Project
from webapp.models.rollups import RollupProgress
from webapp.models.scheduling import RunStatus, ScheduledTask
from webapp.models.views import SavedView

__all__ = [
    "ActorKind",
    "Alert",
    "AlertDelivery",
    "AlertDeliveryAttempt",
    "AlertDestination",
    "AlertEvent",
    "AuditEntry",
    "DeliveryStatus",
    "DestinationKind",
    "IngestionToken",
    "Invitation",
    "Membership",
    "PersonalApiKey",
    "PinnedFacet",
    "Project",
    "Role",
    "RollupProgress",
    "RunStatus",
    "SavedView",
    "ScheduledTask",
    "SignInLink",
    "User",
]
