"""The components of a system on a cluster. Their type tokens are part of URNs and never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from ...stack_state import GUARD, OWNER
from .cluster import cluster_of
from .diagnose import Diagnosis
from .kubectl import Kubectl
from .live.ownership import OWNER_CONFIG_MAP, is_provided
from .manifests import ingress
from .manifests.metadata import lasting_name
from .manifests.pod_template import ADDRESS
from .manifests.system import SystemManifests, Workload, database_secret_data
from .resource_hooks import report_failure, wait_hooks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...plan import model as plan
    from .live.ownership import LiveNamespace
    from .live.recorded_state import RecordedState
    from .manifests.metadata import Object
    from .manifests.workloads import Timeouts

# Ready once created, or dependent on other objects: Pulumi does not wait for them.
_UNAWAITED = {"Gateway", "HTTPRoute", "HorizontalPodAutoscaler", "Ingress", "Service"}
_AWAITED = {"Deployment", "Job", "StatefulSet"}
# A new object of these is created beside the one in use, and a failed deployment leaves both: so each gets a
# new name from Pulumi. Opaque is the type of the Secrets of databases; service accounts refer to that of the
# registry by its fixed name.
_AUTONAMED = {"ConfigMap", "Job", "Opaque"}
# The replicas of cn.yaml override those of any other manager; a migration that failed runs again.
_ANNOTATIONS = {
    "Deployment": {"pulumi.com/patchForce": "true"},
    "Job": {"pulumi.com/replaceUnready": "true"},
}
_BALANCER = "LoadBalancer"
# The rollout itself fails at its deadline: Pulumi's timeout is for objects that report nothing.
_SLACK_SECONDS = 30


class Resource(pulumi.CustomResource):
    """An object of any kind; `metadata` and `status` are outputs with the values on the cluster."""

    metadata: pulumi.Output[Mapping[str, Any]]
    status: pulumi.Output[Mapping[str, Any] | None]

    def __init__(self, name: str, made: Object, opts: pulumi.ResourceOptions) -> None:
        group, _, version = made["apiVersion"].rpartition("/")
        token = f"kubernetes:{group or 'core'}/{version}:{made['kind']}"
        super().__init__(token, name, {**made, "status": None}, opts)


class System(pulumi.ComponentResource):
    """An environment: namespace, services with their databases, and the gateway once they are ready."""

    def __init__(
        self,
        deployment: plan.DeploymentPlan,
        *,
        timeouts: Timeouts,
        kubectl: Kubectl,
        addresses: Mapping[str, pulumi.Input[str]],
        pull_config: pulumi.Input[str] | None,
        found: LiveNamespace,
        recorded: RecordedState,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cnnew:kubernetes:System", deployment.project, {}, opts)
        self._protected = cluster_of(deployment).protected
        self._timeouts = timeouts
        self._kubectl = kubectl
        self._no_address = (
            f"environments.{deployment.environment}.gateway: the load balancer got no address in time; "
            "choose ingress or gateway-api, or raise cn:timeout"
        )
        manifests = SystemManifests(deployment, timeouts)
        # Objects that a killed `up` created and did not record are updated (upsert). Fields that another
        # manager has set get the value of cn.yaml (patch force).
        self._provider = self._connect(
            deployment.project, upsert_existing_objects=True, enable_patch_force=True
        )
        made = manifests.namespace()
        provided = is_provided(made["metadata"]["labels"], found, recorded)
        namespace = self._namespace(deployment.project, made, provided=provided)
        owner = self._owner(manifests, namespace)
        base = [namespace, owner, self.create(self, manifests.default_deny(), [namespace, owner])]
        if pull_config is not None:
            base.append(self.create(self, manifests.pull_secret(pull_config), base))
        services = [Service(self, service, manifests, addresses, base) for service in deployment.services]
        replicas = [service.replicas for service in services]
        # The host name or IP of the load balancer, if there is one.
        gateway = Gateway(self, manifests, [*base, *replicas])
        self.address = gateway.address
        self._protected_id(GUARD, [*base, *services, gateway])
        self.register_outputs({})

    def _connect(self, name: str, **arguments: Any) -> kubernetes.Provider:
        return kubernetes.Provider(
            name,
            context=self._kubectl.context or None,
            # Empty, not absent: else the state would keep the path of the user who deploys first.
            kubeconfig=self._kubectl.kubeconfig,
            opts=pulumi.ResourceOptions(parent=self),
            **arguments,
        )

    def _namespace(self, name: str, made: Object, *, provided: bool) -> Resource:
        """Create the namespace, or read an existing one. It is never deleted: the volumes in it hold data."""
        provider = self._connect(f"{name}-namespace", upsert_existing_objects=True)
        options = pulumi.ResourceOptions(parent=self, provider=provider, retain_on_delete=True)
        if provided:
            options.id = made["metadata"]["name"]
        return Resource(name, made, options)

    def _owner(self, manifests: SystemManifests, namespace: Resource) -> Resource:
        """Create the ConfigMap that names this state as the owner of the namespace; it is immutable."""
        config_map = manifests.owner_config_map(self._protected_id(OWNER, []).hex)
        conflict = report_failure(
            OWNER_CONFIG_MAP,
            f"namespace '{config_map['metadata']['namespace']}': another Pulumi state owns it; wait until "
            "its deployment ends, then run `make up` from only one clone",
        )
        hooks = pulumi.ResourceHookBinding(on_error=[conflict])
        options = pulumi.ResourceOptions(
            parent=self, provider=self._provider, depends_on=[namespace], hooks=hooks
        )
        return Resource(OWNER_CONFIG_MAP, config_map, options)

    def _protected_id(self, name: str, depends_on: Sequence[pulumi.Resource]) -> random.RandomId:
        """Create a resource that Pulumi does not delete while the environment is protected.

        The preview of `pulumi destroy` fails at any such resource. Without a preview Pulumi deletes resources
        in the order of dependencies: it fails at one that depends on all others before it deletes any.
        """
        options = pulumi.ResourceOptions(parent=self, depends_on=list(depends_on), protect=self._protected)
        return random.RandomId(name, byte_length=16, opts=options)

    def create(
        self,
        parent: pulumi.Resource,
        made: Object,
        depends_on: Sequence[pulumi.Resource],
        diagnosis: Diagnosis | None = None,
    ) -> Resource:
        """Create an object; if it does not become ready, the hooks report the `diagnosis`."""
        name = lasting_name(made)
        if {made["kind"], made.get("type")} & _AUTONAMED:
            metadata = {key: value for key, value in made["metadata"].items() if key != "name"}
            made = {**made, "metadata": metadata}
        hooks = None
        if made.get("spec", {}).get("type") == _BALANCER:
            hooks = pulumi.ResourceHookBinding(on_error=[report_failure(f"{name}-address", self._no_address)])
        if diagnosis and made["kind"] in _AWAITED:
            hooks = wait_hooks(name, made, diagnosis, self._timeouts.ready_seconds)
        options = pulumi.ResourceOptions(
            parent=parent, provider=self._provider, depends_on=list(depends_on), hooks=hooks
        )
        return Resource(name, self._with_timeout(made), options)

    def create_named(
        self,
        parent: pulumi.Resource,
        made: Object,
        depends_on: Sequence[pulumi.Resource],
    ) -> pulumi.Output[str]:
        """Create an object to which others refer, and return the name that it gets."""
        resource = self.create(parent, made, depends_on)
        return resource.metadata.apply(lambda found: str(found["name"]))

    def create_workload(
        self,
        parent: pulumi.Resource,
        made: Workload,
        depends_on: Sequence[pulumi.Resource],
        place: str,
        image: str,
    ) -> tuple[Resource, Sequence[Resource]]:
        """Create the objects of a workload in their order; return the replicas and the objects after them.

        `place` is its field in cn.yaml, `image` the configuration key of its image.
        """
        diagnosis = Diagnosis(self._kubectl, place, image)
        ready: Sequence[pulumi.Resource] = [
            *depends_on,
            *(self.create(parent, each, depends_on) for each in made.before),
        ]
        if made.database:
            own = Diagnosis(self._kubectl, f"{place}: database", "cn:base_images.postgres")
            ready = [self.create(parent, made.database, ready, own)]
        if made.migration:
            own = Diagnosis(self._kubectl, f"{place}: migration", image)
            ready = [self.create(parent, made.migration, ready, own)]
        replicas = self.create(parent, made.replicas, ready, diagnosis)
        return replicas, [self.create(parent, each, [replicas]) for each in made.after]

    def _with_timeout(self, made: Object) -> Object:
        """Add the annotations with the time that Pulumi waits for an object."""
        kind, spec = made["kind"], made.get("spec", {})
        annotations: dict[str, str] = {}
        if kind in _AWAITED:
            # Replicas are rolled out in a few steps, each with its own deadline.
            seconds = self._timeouts.migration_seconds if kind == "Job" else 2 * self._timeouts.ready_seconds
            annotations["pulumi.com/timeoutSeconds"] = str(seconds + _SLACK_SECONDS)
            annotations |= _ANNOTATIONS.get(kind, {})
        elif kind in _UNAWAITED and spec.get("type") != _BALANCER:
            annotations["pulumi.com/skipAwait"] = "true"
        elif kind == "Service":
            annotations["pulumi.com/timeoutSeconds"] = str(self._timeouts.ready_seconds)
        if not annotations:
            return made
        metadata = made["metadata"]
        return {
            **made,
            "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **annotations}},
        }


class Service(pulumi.ComponentResource):
    """A service: its database, its migration and its replicas, each after the previous one is ready."""

    def __init__(
        self,
        system: System,
        service: plan.Service,
        manifests: SystemManifests,
        addresses: Mapping[str, pulumi.Input[str]],
        depends_on: Sequence[pulumi.Resource],
    ) -> None:
        options = pulumi.ResourceOptions(parent=system)
        super().__init__("cnnew:kubernetes:Service", service.key, {}, options)
        secret = self._secret(system, service, manifests, addresses, depends_on)
        config_map = system.create_named(self, manifests.config_map(service), depends_on)
        workload = manifests.service(service, config_map, secret)
        image = f"cn:images.{service.name}"
        self.replicas, _ = system.create_workload(
            self, workload, depends_on, f"services.{service.name}", image
        )
        self.register_outputs({})

    def _secret(
        self,
        system: System,
        service: plan.Service,
        manifests: SystemManifests,
        addresses: Mapping[str, pulumi.Input[str]],
        depends_on: Sequence[pulumi.Resource],
    ) -> pulumi.Input[str] | None:
        """Create the Secret of its database, and return the name that it gets."""
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
                for key, texts in database_secret_data(service, password).items()
            }
        else:
            return None
        return system.create_named(self, manifests.secret(service, values), depends_on)


class Gateway(pulumi.ComponentResource):
    """The only public entry. It changes after all services are ready, so no failed deployment breaks it."""

    def __init__(
        self, system: System, manifests: SystemManifests, depends_on: Sequence[pulumi.Resource]
    ) -> None:
        super().__init__("cnnew:kubernetes:Gateway", "gateway", {}, pulumi.ResourceOptions(parent=system))
        workload = manifests.gateway(system.create_named(self, manifests.config_map(None), depends_on))
        _, (gateway_service, *_) = system.create_workload(
            self, workload, depends_on, "gateway", "cn:base_images.caddy"
        )
        self.address = gateway_service.status.apply(ingress.load_balancer_host)
        self.register_outputs({})
