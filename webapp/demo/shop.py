"""The services of the shop."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """What does not change about a service."""

    name: str
    version: str
    scope: str
    language: str
    namespace: str
    replicas: int = 2


SERVICES = {
    service.name: service
    for service in (
        Service("storefront", "5.31.0", "storefront.http", "nodejs", "web", 3),
        Service("api-gateway", "1.18.3", "proxy", "go", "edge"),
        Service("auth", "4.2.1", "auth.session", "go", "identity"),
        Service("catalog", "3.8.4", "catalog.views", "python", "shop"),
        Service("search", "2.6.0", "shop.search.SearchController", "java", "shop"),
        Service("checkout", "7.4.2", "shop.checkout.OrderService", "java", "shop", 3),
        Service("payments", "2.14.0", "shop.payments.CaptureService", "java", "payments", 3),
        Service("inventory", "1.11.7", "inventory.reserve", "go", "shop"),
        Service("worker-mailer", "0.9.12", "celery.worker", "python", "jobs"),
        Service("deployments", "2.13.1", "controller", "go", "platform", 1),
        Service("kubelet", "1.31.2", "events", "go", "kube-system", 1),
    )
}
MACHINES = {  # no pods: name → service and version
    "postgres-shop-0": ("postgres", "17.2"),
    "postgres-payments-0": ("postgres", "17.2"),
    "redis-cache-0": ("redis", "8.0.1"),
    "erp01.office.shop.example": ("legacy-erp", ""),
}
