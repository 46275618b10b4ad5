"""Every refusal of a word gives its reason, and what to write instead where that follows."""

from __future__ import annotations

import re

import pytest

from pulumi_stacks.spec.explanations import RULES
from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load

KUBERNETES = "registry: a.example/b\nenvironments: {live: {target: kubernetes, %s}}\n"
# Where each kind of word is written.
FORMS = {
    "name": "name: s\nservices: {%s: {image: a/b}}\n",
    "route": "name: s\nservices: {a: {image: a/b, route: %s}}\n",
    "owner": "name: s\nowner: %s\nservices: {a: {image: a/b}}\n",
    "registry": "name: s\nregistry: %s\nservices: {a: {image: a/b}}\n",
    "image": "name: s\nservices: {a: {image: %s}}\n",
    "domain": "name: s\n" + KUBERNETES % "domain: %s" + "services: {a: {image: a/b}}\n",
    "namespace": "name: s\n" + KUBERNETES % "namespace: %s" + "services: {a: {image: a/b}}\n",
    "context": "name: s\n" + KUBERNETES % "kube_context: %s" + "services: {a: {image: a/b}}\n",
    "class": "name: s\n" + KUBERNETES % "storage_class: %s" + "services: {a: {image: a/b}}\n",
    "state": "name: s\n" + KUBERNETES % "state: %s" + "services: {a: {image: a/b}}\n",
    "annotation": "name: s\n" + KUBERNETES % "annotations: {%s: a}" + "services: {a: {image: a/b}}\n",
    "any namespace": "name: s\n" + KUBERNETES % "metrics_from: [%s]" + "services: {a: {image: a/b}}\n",
    "secret": "name: s\n" + KUBERNETES % "pull_secret: %s" + "services: {a: {image: a/b}}\n",
    "variable": "name: s\nservices: {a: {image: a/b, config: {%s: a}}}\n",
    "ready": "name: s\nservices: {a: {image: a/b, ready: %s}}\n",
    "folder": "name: s\nservices: {a: {image: a/b, tmpfs: [%s]}}\n",
    "user": "name: s\nservices: {a: {image: a/b, user: %s}}\n",
    "cpu": "name: s\nservices: {a: {image: a/b, resources: {cpu: %s}}}\n",
    "memory": "name: s\nservices: {a: {image: a/b, resources: {memory: %s}}}\n",
    "egress": "name: s\nservices: {a: {image: a/b, egress: [%s]}}\n",
}
# What is written, a part of the reason, and what is offered.
OFFERED = [
    ("registry", "ghcr.io/MyOrg", "it must be lower case", "ghcr.io/myorg"),
    ("registry", "https://ghcr.io/acme", "it must not have a scheme", "ghcr.io/acme"),
    ("registry", "https://GHCR.io/acme/", "lower case and it must not end with /", "ghcr.io/acme"),
    ("registry", "ghcr.io/acme/", "it must not end with /", "ghcr.io/acme"),
    ("registry", "ghcr.io/acme:latest", "it must not have a tag", "ghcr.io/acme"),
    ("name", "My_Service", "it must be lower case and use - between words", "my-service"),
    ("name", "my_service", "use - between words", "my-service"),
    ("name", "Shop", "it must be lower case", "shop"),
    ("name", "a--b", "it must not contain --", "a-b"),
    ("name", "a-", "it must not start or end with -", "a"),
    ("name", "my service", "use - between words", "my-service"),
    ("route", "orders", "it must start with /", "/orders"),
    ("route", "/orders/", "it must not end with /", "/orders"),
    ("route", "/Orders", "it must be lower case", "/orders"),
    ("route", "/orders/*", "it includes all paths below it without *", "/orders"),
    ("route", "/a//b", "it must not contain //", "/a/b"),
    ("route", "https://shop.example.com/orders", "it must not have a scheme and a host", "/orders"),
    ("owner", "acme/shop", "it must start with @", "@acme/shop"),
    ("owner", "me", "it must start with @", "@me"),
    ("image", "ghcr.io/Acme/Web:1.4", "the name must be lower case", "ghcr.io/acme/web:1.4"),
    ("image", "Caddy", "the name must be lower case", "caddy"),
    ("image", "'caddy:'", "the tag is missing", "caddy"),
    ("image", "docker://caddy:2", "it must not have a scheme", "caddy:2"),
    ("domain", "https://shop.example.com", "it must not have a scheme", "shop.example.com"),
    ("domain", "shop.example.com/a", "it must not have a path", "shop.example.com"),
    ("domain", "shop.example.com:443", "it must not have a port", "shop.example.com"),
    ("domain", "Shop.Example.com.", "it must be lower case", "shop.example.com"),
    ("namespace", "Shop_Prod", "use - between words", "shop-prod"),
    ("class", "Fast_SSD", "it must be lower case", "fast-ssd"),
    ("annotation", "'example.com/team=a'", "write the value after a colon", "example.com/team"),
    ("any namespace", "Kube_System", "it must be lower case", "kube-system"),
    ("secret", "Registry_Login", "it must be lower case", "registry-login"),
    ("state", "LOCAL", "the scheme must be lower case", "local"),
    ("state", "S3://acme", "the scheme must be lower case", "s3://acme"),
    ("state", "s3://acme/shop/", "it must not end with /", "s3://acme/shop"),
    ("state", "gs://acme//shop", "it must not contain //", "gs://acme/shop"),
    ("state", "http://api.example.com", "it must start with https://", "https://api.example.com"),
    ("state", "/mnt/share", "a folder needs the scheme file://", "file:///mnt/share"),
    ("variable", "PAGE SIZE", "it must not contain spaces", "PAGE_SIZE"),
    ("ready", "readyz", "it must start with /", "/readyz"),
    ("ready", "http://localhost:8080/readyz", "it must not have a scheme and a host", "/readyz"),
    ("folder", "var/cache", "it must start with /", "/var/cache"),
    ("folder", "/var/cache/", "it must not end with /", "/var/cache"),
    ("cpu", "500M", "the unit is m", "500m"),
    ("cpu", "50%", "percent is not supported", "500m"),
    ("cpu", "'.5'", "it must start with a digit", "0.5"),
    ("cpu", "2 cores", "CPU has no such unit", "2"),
    ("cpu", "'0.12345'", "at most three digits", "0.123"),
    ("memory", "256MB", "units are k, M, G, Ki, Mi and Gi", "256M"),
    ("memory", "256m", "units are k, M, G, Ki, Mi and Gi", "256M"),
    ("memory", "256MiB", "the unit is Ki, Mi or Gi", "256Mi"),
    ("memory", "1gi", "the unit is Ki, Mi or Gi", "1Gi"),
    ("memory", "1.5Gi", "it must be a whole number", "1536Mi"),
    ("memory", "512 Mi", "it must not contain spaces", "512Mi"),
    ("memory", "256", "without a unit it is in bytes", "256Mi"),
    ("egress", "'2001:db8::/32:443'", "IPv6 requires brackets", "[2001:db8::/32]:443"),
    ("egress", "203.0.113.7", "port missing", "203.0.113.7/32:443 for https"),
    ("egress", "'2001:db8::/32'", "port missing", "[2001:db8::/32]:443 for https"),
]  # fmt: skip
# What cannot be guessed: only the reason.
EXPLAINED = [
    ("name", "1a", "it must start with a letter"),
    ("name", "a" * 41, "it is longer than 40 characters"),
    ("name", "''", "it is empty"),
    ("name", "a/b", "it may only contain a-z, 0-9 and -"),
    ("name", "con", "a device name on Windows"),
    ("name", "'no'", "a keyword of YAML"),
    ("name", "gateway", "used by the platform"),
    ("route", "/a/../b", "it must not contain . or .. as a part"),
    ("route", "'/{x}'", "it may only contain a-z, 0-9, -, ., _, ~ and /"),
    ("owner", "'me!'", "it may only contain letters"),
    ("registry", "'ghcr.io/a b'", "it may only contain a-z"),
    ("image", "'a@sha256:12'", "the digest must be sha256: and 64 hexadecimal digits"),
    ("domain", "localhost", "it must contain a dot"),
    ("domain", "'*.example.com'", "wildcards are not supported"),
    ("namespace", "default", "Kubernetes reserves it"),
    ("namespace", "kube-system", "Kubernetes reserves it"),
    ("namespace", "a" * 64, "it is longer than 63 characters"),
    ("context", "'a b'", "it may only contain letters"),
    ("class", "'a/b'", "it may only contain a-z"),
    ("annotation", "a/b/c", "it must not contain more than one /"),
    ("annotation", "'a b'", "it may only contain letters, digits, ., _, - and one /"),
    ("annotation", "a/" + "b" * 64, "the part after / is longer than 63 characters"),
    ("annotation", "pulumi.com/skipAwait", "Pulumi reserves it"),
    ("any namespace", "a/b", "it may only contain a-z, 0-9 and -"),
    ("secret", "a/b", "it may only contain a-z, 0-9, . and -"),
    ("state", "acme-state", "it must start with s3://, gs://, azblob://, https:// or file:///"),
    ("state", "mysql://db/x", "it must start with s3://, gs://, azblob://, https:// or file:///"),
    ("state", "file://share", "the path must be absolute (file:///...)"),
    ("state", "'file://~'", "the path must be absolute (file:///...)"),
    ("state", "gs://Acme", "its host may only contain a-z"),
    ("state", "s3://a/../b", "it must not contain . or .. as a part"),
    ("state", "s3://a/.b", "a folder must not start with . or -"),
    ("state", "https://api.example.com?a=b", "it must not have a query"),
    ("state", "'s3://a/$(id)'", "it may only contain letters, digits"),
    ("state", "'s3://me:canary@a'", "set them in the environment of your shell"),
    ("variable", "1A", "it must start with a letter or _"),
    ("variable", "a" * 101, "it is longer than 100 characters"),
    ("ready", "'/a{b}'", "it may only contain letters"),
    ("folder", "/proc/x", "the operating system reserves it"),
    ("folder", "/a/../b", "it must not contain . or .. as a part"),
    ("user", "0", "root is not allowed"),
    ("user", "root", "root is not allowed"),
    ("user", "'1000:0'", "the group root is not allowed"),
    ("user", "node", "it must be a number, not a name"),
    ("cpu", "0.5m", "m (a thousandth of a core) is the smallest unit"),
    ("egress", "'10.0.0.0/8:70000'", "port not between 1 and 65535"),
    ("egress", "https://api.example.com/x", "host names are not supported: write its addresses"),
]


def refused(kind: str, written: str) -> str:
    with pytest.raises(SpecError) as caught:
        load((FORMS[kind] % written).encode())
    return str(caught.value)


@pytest.mark.parametrize(("kind", "written", "reason", "offered"), OFFERED)
def test_what_follows_from_a_word_is_offered_with_the_reason(
    kind: str, written: str, reason: str, offered: str
) -> None:
    message = refused(kind, written)
    assert reason in message
    assert message.endswith(f"; write {offered}"), message
    if kind != "egress":
        load((FORMS[kind] % (f"'{offered}'" if kind == "owner" else offered)).encode())


@pytest.mark.parametrize(("kind", "written", "reason"), EXPLAINED)
def test_what_no_one_can_guess_is_refused_with_the_reason(kind: str, written: str, reason: str) -> None:
    assert reason in refused(kind, written)


def test_a_password_in_the_address_of_a_backend_is_not_repeated() -> None:
    assert "canary" not in refused("state", "'s3://me:canary@a'")


def test_every_kind_of_word_is_in_the_table() -> None:
    for kind in RULES:
        assert [entry for entry in (*OFFERED, *EXPLAINED) if entry[0] == kind], kind


def test_a_reason_is_found_at_once_in_a_long_word() -> None:
    assert len(refused("route", "/" + "a." * 90 + "{")) < 500
    assert "characters long" in refused("registry", "A" * 300)


def test_the_rules_are_regular_expressions_that_give_up_soon() -> None:
    for rules in RULES.values():
        for pattern, _, _ in rules:
            re.compile(pattern)
