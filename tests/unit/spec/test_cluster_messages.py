"""What is said of faults in the fields that clusters have: the place, the fault and the choice."""

import pytest

from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load

API = "{runtime: python, database: postgres}"
LONG = "a" * 40
NAMESPACE = "a namespace (1 to 63 of a-z, 0-9 and -; not default or kube-...)"
FIELDS = (
    "annotations, client_address, database, diagnostics, domain, gateway, kube_context, metrics_from, "
    "namespace, protected, pull_secret, sources, state, storage_class, target"
)
STATE = "the address of a backend (s3://, gs://, azblob://, https:// or file:///), or local"
SECRET_IN_URL = (
    "state: has a user or a password, and cn.yaml is committed; remove everything up to the @, and set them "
    "in the environment of your shell (such as AWS_PROFILE)"
)
GATEWAYS = "gateway-api, ingress, loadbalancer"


def faults(
    environments: str = "{dev: {target: docker}}", services: str = f"{{api: {API}}}", top: str = ""
) -> list[str]:
    """Return what is said of a spec, without the place in its text; nothing where it is right."""
    text = (
        f"name: shop\n{top or 'registry: ghcr.io/acme'}\nenvironments: {environments}\nservices: {services}\n"
    )
    try:
        load(text.encode(), runtimes=["python", "go"])
    except SpecError as error:
        return [f"{problem.path}: {problem.message}" for problem in error.problems]
    return []


def test_the_place_is_that_of_the_value() -> None:
    text = b"name: shop\nservices:\n  api:\n    runtime: python\n    scale:\n      min: 3\n      max: 2\n"
    with pytest.raises(SpecError) as caught:
        load(text)
    assert str(caught.value) == "cn.yaml:7:12: services.api.scale.max: 2 is less than scale.min (3)"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            "target: kubernets",
            "target: \"kubernets\" is not one of: docker, kubernetes; did you mean 'kubernetes'?",
        ),
        (
            "target: kubernetes, context: x",
            f"context: unknown field; did you mean 'kube_context'? (fields: {FIELDS})",
        ),
        (
            "target: kubernetes, gateway: load-balancer",
            f"gateway: \"load-balancer\" is not one of: {GATEWAYS}; did you mean 'loadbalancer'?",
        ),
        ("target: kubernetes, domain: 10", 'domain: 10 is not a string; quote it: "10"'),
        (
            "target: kubernetes, domain: 'https://shop.example.com'",
            (
                'domain: "https://shop.example.com" is not a domain (such as shop.example.com): it must not '
                "have a scheme; write shop.example.com"
            ),
        ),
        (
            "target: kubernetes, gateway: ingress",
            "gateway: ingress requires domain (such as domain: shop.example.com)",
        ),
        (
            "target: docker, domain: shop.example.com",
            "domain: requires target kubernetes (remove it, or change the target)",
        ),
        (
            "target: kubernetes, namespace: kube-system",
            f'namespace: "kube-system" is not {NAMESPACE}: Kubernetes reserves it',
        ),
        (
            "target: kubernetes, kube_context: my cluster",
            (
                'kube_context: "my cluster" is not the name of a context in a kubeconfig: it may only '
                "contain letters, digits, _, ., :, /, @ and -"
            ),
        ),
        (
            "target: kubernetes, state: team",
            f'state: "team" is not {STATE}: it must start with s3://, gs://, azblob://, https:// or file:///',
        ),
        ("target: kubernetes, state: 's3://me:canary@bucket'", SECRET_IN_URL),
        ("target: kubernetes, state: 's3://AKIAIOSFODNN7EXAMPLE@bucket'", SECRET_IN_URL),
        (
            "target: kubernetes, state: 'azblob://a?sig=Zm9vYmFy123abcDEF456ghiJKL'",
            (
                "state: looks like a secret (a key in a URL or a header); "
                "remove it, as cn.yaml is committed; set it in the environment of your shell"
            ),
        ),
        (
            "target: docker, state: local",
            "state: requires target kubernetes (remove it, or change the target)",
        ),
        (
            "target: docker, protected: true",
            "protected: requires target kubernetes (remove it, or change the target)",
        ),
        (
            "target: kubernetes, pull_secret: a/b",
            (
                'pull_secret: "a/b" is not the name of a Secret (such as registry-login): it may only '
                "contain a-z, 0-9, . and -"
            ),
        ),
        (
            "target: kubernetes, metrics_from: [a, shop-prod]",
            (
                'metrics_from[1]: "shop-prod" is the namespace of this environment, and would open every '
                "service to all its pods; remove it, and run the reader of the metrics in another namespace"
            ),
        ),
        (
            "target: kubernetes, metrics_from: monitoring",
            'metrics_from: "monitoring" is not a list (such as [one, two])',
        ),
        ("target: kubernetes, protected: 'no'", 'protected: "no" is not true or false'),
    ],
)
def test_a_fault_of_an_environment_says_what_would_be_right(fields: str, said: str) -> None:
    assert faults(f"{{prod: {{{fields}}}}}") == [f"environments.prod.{said}"]


@pytest.mark.parametrize(
    "state",
    [
        "local",
        "s3://acme-state",
        "s3://acme.state/a/b_c?region=eu-west-1&endpoint=minio.example:9000&s3ForcePathStyle=true",
        "gs://acme/shop",
        "azblob://shop?storage_account=acme",
        "https://api.pulumi.com",
        "https://pulumi.example.com:8443/x",
        "file:///mnt/share/shop",
    ],
)
def test_a_state_is_in_a_backend_that_pulumi_knows_or_local(state: str) -> None:
    assert faults(f"{{prod: {{target: kubernetes, state: '{state}'}}}}") == []


@pytest.mark.parametrize(
    "part", ["$(id)", "${A}", "$$", "#", " ", "'", '\\"', "`id`", ";", "|", "\\n", "(", ")", ",", "!", "*"]
)
@pytest.mark.parametrize("form", ["s3://b/a{}b", "s3://b?a={}b", "https://h{}x", "file:///a{}b", "local{}"])
def test_nothing_that_a_shell_or_make_reads_gets_into_a_state(form: str, part: str) -> None:
    said = faults(f'{{prod: {{target: kubernetes, state: "{form.format(part)}"}}}}')
    assert [line.partition(":")[0] for line in said] == ["environments.prod.state"]


CLUSTER = "target: kubernetes"


@pytest.mark.parametrize(
    ("environments", "said"),
    [
        (
            f"{{a: {{{CLUSTER}, namespace: x}}, b: {{{CLUSTER}, namespace: x}}}}",
            'b.namespace: the namespace "x" is already used by environments.a; choose another one',
        ),
        (
            f"{{b: {{{CLUSTER}, namespace: shop-a}}, a: {{{CLUSTER}}}}}",
            'a: the namespace "shop-a" is already used by environments.b; choose another one (set namespace)',
        ),
        (f"{{a: {{{CLUSTER}, namespace: x}}, b: {{{CLUSTER}, namespace: x, kube_context: other}}}}", ""),
    ],
)
def test_two_environments_of_a_cluster_do_not_share_a_namespace(environments: str, said: str) -> None:
    assert faults(environments) == ([f"environments.{said}"] if said else [])


def test_a_namespace_that_would_be_too_long_is_to_be_named() -> None:
    head = f"name: {LONG}\nregistry: ghcr.io/acme\nenvironments: {{{LONG}: {{{CLUSTER}}}}}\n"
    with pytest.raises(SpecError) as caught:
        load(f"{head}services: {{api: {API}}}".encode())
    message = "the default namespace has 81 characters (at most 63); set namespace"
    assert str(caught.value) == f"cn.yaml:3:16: environments.{LONG}: {message}"


def test_a_namespace_that_would_be_the_clusters_is_to_be_named() -> None:
    text = "name: kube\nservices: {site: {image: 'caddy:2'}}\nenvironments: {system: {target: kubernetes}}"
    with pytest.raises(SpecError) as caught:
        load(text.encode())
    message = 'the default namespace "kube-system" is reserved (kube-...); set namespace'
    assert str(caught.value) == f"cn.yaml:3:16: environments.system: {message}"
    load(text.replace("kubernetes}", "kubernetes, namespace: mine}").encode())


def test_an_external_database_has_to_be_reached() -> None:
    environments = f"{{prod: {{{CLUSTER}, database: external}}}}"
    advice = "add its network and port to egress (such as [10.20.0.0/16:5432])"
    said = [f"services.api.database: is external in environments.prod; {advice}"]
    assert faults(environments) == said
    closed = "egress: internet, environments: {prod: {egress: none}}"
    assert faults(environments, f"{{api: {{runtime: go, database: postgres, {closed}}}}}") == said
    unsaid = "egress: internet, environments: {prod: {egress: null}}"
    assert faults(environments, f"{{api: {{runtime: go, database: postgres, {unsaid}}}}}") == []
    opened = "egress: none, environments: {prod: {egress: ['10.20.0.0/16:5432']}}"
    assert faults(environments, f"{{api: {{runtime: go, database: postgres, {opened}}}}}") == []


def test_images_that_are_built_need_a_registry_which_is_said_once() -> None:
    environments = f"{{a: {{{CLUSTER}}}, b: {{{CLUSTER}}}}}"
    said = "a cluster pulls images from a registry, and no registry is set (such as registry: ghcr.io/acme)"
    assert faults(environments, top="ci: none") == [f"environments.a.target: {said}"]
    assert faults(environments, "{site: {image: caddy:2}}", top="ci: none") == []


def test_annotations_fit_into_an_object_of_a_cluster_together() -> None:
    def said(count: int) -> list[str]:
        many = ", ".join(f"example.com/{number}: {'x' * 4000}" for number in range(count))
        return faults(f"{{prod: {{target: kubernetes, state: local, annotations: {{{many}}}}}}}")

    assert said(63) == ["environments.prod.annotations: are 252872 bytes in total (at most 250000)"]
    assert said(62) == []
