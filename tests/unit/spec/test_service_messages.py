"""Messages on the fields of a service that an environment overrides: replicas and egress."""

import pytest

from tests.unit.spec.test_cluster_messages import faults


@pytest.mark.parametrize(
    ("scale", "override", "said"),
    [
        ("{min: 4, max: 2}", "{}", "scale.max: 2 is less than scale.min (4)"),
        ("{max: 4}", "{min: 4}", ""),
        ("{}", "{min: 4, max: 2}", "environments.dev.scale.max: 2 is less than scale.min (4)"),
        (
            "{min: 4}",
            "{max: 2}",
            "environments.dev.scale.max: 2 is less than services.api.scale.min (4); set min here too",
        ),
        (
            "{max: 2}",
            "{min: 3}",
            "environments.dev.scale.min: 3 is more than services.api.scale.max (2); set max here too",
        ),
        (
            "{max: 2}",
            "{min: 3, max: null}",
            "environments.dev.scale.min: 3 is more than services.api.scale.max (2); set max here too",
        ),
        ("{cpu: 100}", "{}", "scale.cpu: 100 is not between 10 and 95"),
    ],
)
def test_replicas_at_most_are_not_fewer_than_at_least(scale: str, override: str, said: str) -> None:
    service = f"{{runtime: python, scale: {scale}, environments: {{dev: {{scale: {override}}}}}}}"
    assert faults(services=f"{{api: {service}}}") == ([f"services.api.{said}"] if said else [])


NETWORK = "a network with a port (such as 203.0.113.0/24:443 or [2001:db8::/32]:443)"
NAMED = "; host names are not supported: write its addresses, or egress: internet"


@pytest.mark.parametrize(
    ("egress", "said"),
    [
        ("all", '"all" is not none, internet, or a list such as [203.0.113.0/24:443]'),
        ("true", "true is not none, internet, or a list such as [203.0.113.0/24:443]"),
        ("[]", "[] is not none, internet, or a list such as [203.0.113.0/24:443]"),
        (
            "['10.0.0.0/8']",
            f'"10.0.0.0/8" is not {NETWORK}: port missing; write 10.0.0.0/8:443 for https',
        ),
        ("['10.0.0.0/8:70000']", f'"10.0.0.0/8:70000" is not {NETWORK}: port not between 1 and 65535'),
        ("['api.example.com:443']", f'"api.example.com:443" is not {NETWORK}{NAMED}'),
        ("[api.example.com]", f'"api.example.com" is not {NETWORK}{NAMED}'),
        ("[internet]", f'"internet" is not {NETWORK}; write egress: internet, without a list'),
        (
            "['2001:db8::/32:443']",
            f'"2001:db8::/32:443" is not {NETWORK}: IPv6 requires brackets; write [2001:db8::/32]:443',
        ),
        (
            "['10.0.0.1/8:443']",
            (
                '"10.0.0.1/8:443" has host bits set; '
                "write 10.0.0.1/32:443 for this address, or 10.0.0.0/8:443 for the network"
            ),
        ),
        (
            "['[2001:db8::1/32]:1']",
            (
                '"[2001:db8::1/32]:1" has host bits set; '
                "write [2001:db8::1/128]:1 for this address, or [2001:db8::/32]:1 for the network"
            ),
        ),
        ("['10.0.0.0/33:443']", f"\"10.0.0.0/33:443\" is not {NETWORK}: '33' is not a valid netmask"),
        ("['10.0.0.1:443', '[2001:DB8::1]:443', '0.0.0.0/0:53']", ""),
    ],
)
def test_what_may_be_reached_outside_is_a_word_or_networks(egress: str, said: str) -> None:
    for place, service in (
        ("services.api", f"{{runtime: python, egress: {egress}}}"),
        (
            "services.api.environments.dev",
            f"{{runtime: python, environments: {{dev: {{egress: {egress}}}}}}}",
        ),
    ):
        assert faults(services=f"{{api: {service}}}") == ([f"{place}.egress: {said}"] if said else [])
