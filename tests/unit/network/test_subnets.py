"""The subnets of networks: disjoint, stable, in one block."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_stacks.network import subnets

NAMES = st.sets(st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True), max_size=120)
BLOCK = IPv4Network("10.64.0.0/18")


@given(NAMES)
def test_every_network_has_its_own_subnet_inside_the_block(names: set[str]):
    found = [IPv4Network(subnet) for subnet in subnets.assign(BLOCK, names).values()]
    assert len(set(found)) == len(names)
    assert all(subnet.prefixlen == 26 and subnet.subnet_of(BLOCK) for subnet in found)


@given(NAMES, st.from_regex(r"new-[a-z0-9]{1,8}", fullmatch=True))
def test_a_new_network_moves_no_other_unless_it_hashes_to_one_in_use(names: set[str], new: str):
    before = subnets.assign(BLOCK, names)
    after = subnets.assign(BLOCK, {*names, new})
    alone = subnets.assign(BLOCK, {new})[new]
    if alone not in before.values():
        assert {name: after[name] for name in before} == before


@given(NAMES)
def test_a_network_whose_slot_no_one_else_wants_keeps_it(names: set[str]):
    wanted = {name: subnets.assign(BLOCK, {name})[name] for name in names}
    given_out = subnets.assign(BLOCK, names)
    for name, subnet in wanted.items():
        if list(wanted.values()).count(subnet) == 1:
            assert given_out[name] == subnet


def test_a_full_block_is_used_to_the_last_slot_and_then_refused():
    block = IPv4Network("10.0.0.0/23")
    names = [f"n{number}" for number in range(8)]
    assert len(set(subnets.assign(block, names).values())) == 8
    with pytest.raises(subnets.BlockError, match=r"10\.0\.0\.0/23 has 8 subnets, but the system needs 9"):
        subnets.assign(block, [*names, "one-more"])


def test_a_derived_block_is_stable_private_and_differs_between_environments():
    blocks = {subnets.block(None, "shop", environment) for environment in ("dev", "staging", "prod")}
    assert len(blocks) == 3
    assert subnets.block(None, "shop", "dev") == subnets.block(None, "shop", "dev")
    for block in blocks:
        assert block.prefixlen == 14
        assert block.subnet_of(IPv4Network("10.0.0.0/8"))
        assert not block.overlaps(IPv4Network("10.0.0.0/14"))


@pytest.mark.parametrize(
    "text", ["10.0.0.0", "10.0.0.0/27", "10.0.0.1/16", "10.0.0.0/33", "fd00::/48", "ten", ""]
)
def test_a_block_that_cannot_be_used_is_refused_with_its_text(text: str):
    with pytest.raises(subnets.BlockError) as refused:
        subnets.block(text, "shop", "dev")
    assert text in str(refused.value)
