"""The running instances of the shop's services."""

from __future__ import annotations

from random import Random

from webapp.demo.model import SECOND, Instance, dice
from webapp.demo.schedule import Schedule
from webapp.demo.shop import MACHINES, SERVICES

POD_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
ROLL_STEP_NS = 20 * SECOND  # a deploy replaces one instance after the other
STAGING_REPLICAS = 1


class Fleet:
    """Every instance that ever runs, made when it is first asked for."""

    def __init__(self, seed: int, schedule: Schedule) -> None:
        self._seed = seed
        self._schedule = schedule
        self._pods: dict[tuple[str, str, int, str], Instance] = {}
        self._machines: dict[str, Instance] = {}

    def pick(self, service: str, at_ns: int, environment: str, rng: Random) -> Instance:
        """One of the instances that serve at that moment, as a load balancer would."""
        return self.instance(service, int(rng.random() * self.replicas(service, environment)), at_ns, environment)

    def replicas(self, service: str, environment: str = "production") -> int:
        """How many instances of the service run."""
        return SERVICES[service].replicas if environment == "production" else STAGING_REPLICAS

    def instance(self, service: str, index: int, at_ns: int, environment: str = "production") -> Instance:
        """The instance in that place at that moment: a deploy reaches the places one by one."""
        base = SERVICES[service].version
        version = self._schedule.version(service, base, at_ns - index * ROLL_STEP_NS)
        key = (service, version, index, environment)
        found = self._pods.get(key)
        if found is None:
            found = self._pods[key] = self._make_pod(*key)
        return found

    def machine(self, name: str) -> Instance:
        """An instance that is no pod."""
        if name not in self._machines:
            service, version = MACHINES[name]
            attributes = {
                "service.name": service,
                "service.instance.id": name,
                "host.name": name,
                "deployment.environment": "production",
            }
            if version:
                attributes["service.version"] = version
            self._machines[name] = Instance(service, version, attributes)
        return self._machines[name]

    def _make_pod(self, service: str, version: str, index: int, environment: str) -> Instance:
        spec = SERVICES[service]
        of_release = dice(f"{self._seed}/{service}/{version}/{environment}")
        of_pod = dice(f"{self._seed}/{service}/{version}/{environment}/{index}")
        release = "".join(of_release.choices(POD_ALPHABET, k=9))
        pod = f"{service}-{release}-{''.join(of_pod.choices(POD_ALPHABET, k=5))}"
        node = f"node-{of_pod.choice('abc')}{of_pod.randint(1, 4)}"
        attributes = {
            "service.name": service,
            "service.version": version,
            "service.instance.id": pod,
            "deployment.environment": environment,
            "k8s.namespace.name": spec.namespace if environment == "production" else f"{spec.namespace}-staging",
            "k8s.pod.name": pod,
            "k8s.node.name": node,
            "host.name": node,
            "telemetry.sdk.language": spec.language,
        }
        return Instance(service, version, attributes)
