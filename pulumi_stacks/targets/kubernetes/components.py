"""The components of a system on a cluster. Their type tokens are part of URNs and never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from ...stack_state import GUARD, OWNER
from .cluster import cluster_of
from .diagnose import Witness
from .kubectl import Kubectl
from .live import around
from .live.claim import MARK
from .live.claim import ready as ready_made
from .manifests import ingress
from .manifests.metadata import lasting_name
from .manifests.pod_template import ADDRESS
from .manifests.system import Bundle, contents
from .manifests.system import System as Objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...plan import model as plan
    from .live.claim import Found
    from .live.state import Recorded
    from .manifests.metadata import Object
    from .manifests.workloads import Limits

# What is there as soon as it is made, or is well only when something else is.
_UNAWAITED = {"Gateway", "HTTPRoute", "HorizontalPodAutoscaler", "Ingress", "Service"}
_AWAITED = {"Deployment", "Job", "StatefulSet"}
# The next one of these is made beside the one in use, and a deployment that went wrong leaves both: so each
# gets a name that none has had. By their type: Secrets of databases; accounts name that of the registry.
_AUTONAMED = {"ConfigMap", "Job", "Opaque"}
# What cn.yaml says of replicas holds, whoever changed it meanwhile; a migration that failed is tried anew.
_NOTES = {
    "Deployment": {"pulumi.com/patchForce": "true"},
    "Job": {"pulumi.com/replaceUnready": "true"},
}
_BALANCER = "LoadBalancer"
# The roll-out itself fails in time and says so; the wait for it is only there for what never says anything.
_SLACK_SECONDS = 30


class Resource(pulumi.CustomResource):
    """Any object of a cluster, as it is; `metadata` and `status` are what the cluster makes of it."""

    metadata: pulumi.Output[Mapping[str, Any]]
    status: pulumi.Output[Mapping[str, Any] | None]

    def __init__(self, name: str, made: Object, opts: pulumi.ResourceOptions) -> None:
        group, _, version = made["apiVersion"].rpartition("/")
        token = f"kubernetes:{group or 'core'}/{version}:{made['kind']}"
        super().__init__(token, name, {**made, "status": None}, opts)


class System(pulumi.ComponentResource):
    """A whole environment: namespace, services with their databases, and the gateway once all are well."""

    def __init__(
        self,
        deployment: plan.DeploymentPlan,
        *,
        limits: Limits,
        kubectl: Kubectl,
        addresses: Mapping[str, pulumi.Input[str]],
        pull_config: pulumi.Input[str] | None,
        found: Found,
        recorded: Recorded,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cnnew:kubernetes:System", deployment.project, {}, opts)
        self._protected = cluster_of(deployment).protected
        self._limits = limits
        self._kubectl = kubectl
        self._unbalanced = (
            f"environments.{deployment.environment}.gateway: the cluster gives a load balancer no address in "
            "time: choose ingress or gateway-api, or raise cn:timeout"
        )
        objects = Objects(deployment, limits)
        # What an `up` made that was killed before it could record it is taken over.
        # What cn.yaml says holds, whoever has set a field meanwhile.
        self._provider = self._connect(
            deployment.project, upsert_existing_objects=True, enable_patch_force=True
        )
        made = objects.namespace()
        ready = ready_made(made["metadata"]["labels"], found, recorded)
        namespace = self._namespace(deployment.project, made, ready=ready)
        mark = self._mark(objects, namespace)
        there = [namespace, mark, self.make(self, objects.nobody(), [namespace, mark])]
        if pull_config is not None:
            there.append(self.make(self, objects.pull_secret(pull_config), there))
        services = [Service(self, service, objects, addresses, there) for service in deployment.services]
        replicas = [service.replicas for service in services]
        # A name or number of the machine that balances the load, where there is one.
        gateway = Gateway(self, objects, [*there, *replicas])
        self.address = gateway.address
        self._kept(GUARD, [*there, *services, gateway])
        self.register_outputs({})

    def _connect(self, name: str, **settings: Any) -> kubernetes.Provider:
        return kubernetes.Provider(
            name,
            context=self._kubectl.context or None,
            # Empty and not absent: else the path of whoever deploys first would be kept in the state.
            kubeconfig=self._kubectl.kubeconfig,
            opts=pulumi.ResourceOptions(parent=self),
            **settings,
        )

    def _namespace(self, name: str, made: Object, *, ready: bool) -> Resource:
        """Make the namespace, or take the one that is there. It stays, for the claims in it hold rows."""
        provider = self._connect(f"{name}-namespace", upsert_existing_objects=True)
        options = pulumi.ResourceOptions(parent=self, provider=provider, retain_on_delete=True)
        if ready:
            options.id = made["metadata"]["name"]
        return Resource(name, made, options)

    def _mark(self, objects: Objects, namespace: Resource) -> Resource:
        """Leave what tells other states that this one has something here; nobody can change it."""
        mark = objects.mark(self._kept(OWNER, []).hex)
        other = around.told(
            MARK, f"'{mark['metadata']['namespace']}' is being deployed from another Pulumi state"
        )
        hooks = pulumi.ResourceHookBinding(on_error=[other])
        options = pulumi.ResourceOptions(
            parent=self, provider=self._provider, depends_on=[namespace], hooks=hooks
        )
        return Resource(MARK, mark, options)

    def _kept(self, name: str, depends_on: Sequence[pulumi.Resource]) -> random.RandomId:
        """Make what Pulumi refuses to delete while the environment is protected.

        A preview of `pulumi destroy` ends at any such resource. Without a preview Pulumi deletes first what
        nothing depends on: then it ends at one that depends on all others, before any of them is gone.
        """
        options = pulumi.ResourceOptions(parent=self, depends_on=list(depends_on), protect=self._protected)
        return random.RandomId(name, byte_length=16, opts=options)

    def make(
        self,
        parent: pulumi.Resource,
        made: Object,
        depends_on: Sequence[pulumi.Resource],
        witness: Witness | None = None,
    ) -> Resource:
        """Make an object; the `witness` says why when it does not get well."""
        name = lasting_name(made)
        if {made["kind"], made.get("type")} & _AUTONAMED:
            metadata = {key: value for key, value in made["metadata"].items() if key != "name"}
            made = {**made, "metadata": metadata}
        hooks = None
        if made.get("spec", {}).get("type") == _BALANCER:
            hooks = pulumi.ResourceHookBinding(on_error=[around.told(f"{name}-address", self._unbalanced)])
        if witness and made["kind"] in _AWAITED:
            hooks = around.awaited(name, made, witness, self._limits.ready_seconds)
        options = pulumi.ResourceOptions(
            parent=parent, provider=self._provider, depends_on=list(depends_on), hooks=hooks
        )
        return Resource(name, self._awaited(made), options)

    def named(
        self,
        parent: pulumi.Resource,
        made: Object,
        depends_on: Sequence[pulumi.Resource],
    ) -> pulumi.Output[str]:
        """Make an object that is referred to, and return the name that it gets."""
        resource = self.make(parent, made, depends_on)
        return resource.metadata.apply(lambda found: str(found["name"]))

    def bundle(
        self,
        parent: pulumi.Resource,
        made: Bundle,
        depends_on: Sequence[pulumi.Resource],
        place: str,
        image: str,
    ) -> tuple[Resource, Sequence[Resource]]:
        """Make the objects of a bundle in their order; return the replicas, and what comes after them.

        `place` and `image` are what they are called in cn.yaml and in the stack's configuration.
        """
        witness = Witness(self._kubectl, place, image)
        ready: Sequence[pulumi.Resource] = [
            *depends_on,
            *(self.make(parent, each, depends_on) for each in made.before),
        ]
        if made.database:
            own = Witness(self._kubectl, f"{place}: database", "cn:base_images.postgres")
            ready = [self.make(parent, made.database, ready, own)]
        if made.migration:
            own = Witness(self._kubectl, f"{place}: migration", image)
            ready = [self.make(parent, made.migration, ready, own)]
        replicas = self.make(parent, made.replicas, ready, witness)
        return replicas, [self.make(parent, each, [replicas]) for each in made.after]

    def _awaited(self, made: Object) -> Object:
        """Add how long Pulumi waits for an object."""
        kind, spec = made["kind"], made.get("spec", {})
        notes: dict[str, str] = {}
        if kind in _AWAITED:
            # Replicas come in a few waves, each of which has its own deadline.
            seconds = self._limits.migration_seconds if kind == "Job" else 2 * self._limits.ready_seconds
            notes["pulumi.com/timeoutSeconds"] = str(seconds + _SLACK_SECONDS)
            notes |= _NOTES.get(kind, {})
        elif kind in _UNAWAITED and spec.get("type") != _BALANCER:
            notes["pulumi.com/skipAwait"] = "true"
        elif kind == "Service":
            notes["pulumi.com/timeoutSeconds"] = str(self._limits.ready_seconds)
        if not notes:
            return made
        metadata = made["metadata"]
        return {**made, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **notes}}}


class Service(pulumi.ComponentResource):
    """A service: its database, its migration and its replicas, each when the one before is well."""

    def __init__(
        self,
        system: System,
        service: plan.Service,
        objects: Objects,
        addresses: Mapping[str, pulumi.Input[str]],
        depends_on: Sequence[pulumi.Resource],
    ) -> None:
        options = pulumi.ResourceOptions(parent=system)
        super().__init__("cnnew:kubernetes:Service", service.key, {}, options)
        secret = self._secret(system, service, objects, addresses, depends_on)
        settings = system.named(self, objects.settings(service), depends_on)
        bundle = objects.service(service, settings, secret)
        image = f"cn:images.{service.name}"
        self.replicas, _ = system.bundle(self, bundle, depends_on, f"services.{service.name}", image)
        self.register_outputs({})

    def _secret(
        self,
        system: System,
        service: plan.Service,
        objects: Objects,
        addresses: Mapping[str, pulumi.Input[str]],
        depends_on: Sequence[pulumi.Resource],
    ) -> pulumi.Input[str] | None:
        """Make the Secret of its database, and return the name that it gets."""
        if service.given_for:
            values: Mapping[str, Any] = {ADDRESS: addresses[service.given_for]}
        elif service.database:
            password = random.RandomPassword(
                f"{service.key}-password",
                length=32,
                special=False,
                opts=pulumi.ResourceOptions(parent=self),
            ).result
            values = {
                key: pulumi.Output.secret(pulumi.Output.concat(*texts))
                for key, texts in contents(service, password).items()
            }
        else:
            return None
        return system.named(self, objects.secret(service, values), depends_on)


class Gateway(pulumi.ComponentResource):
    """The only way in. It is touched when every service is well, so that a bad deployment cannot reach it."""

    def __init__(self, system: System, objects: Objects, depends_on: Sequence[pulumi.Resource]) -> None:
        super().__init__("cnnew:kubernetes:Gateway", "gateway", {}, pulumi.ResourceOptions(parent=system))
        bundle = objects.gateway(system.named(self, objects.settings(None), depends_on))
        _, (door, *_) = system.bundle(self, bundle, depends_on, "gateway", "cn:base_images.caddy")
        self.address = door.status.apply(ingress.host)
        self.register_outputs({})
