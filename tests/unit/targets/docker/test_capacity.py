"""What services may use, against what a machine has."""

import pytest

from pulumi_stacks.targets.docker.rules.capacity import Machine, ReplicaLimits, faults, read, warnings

GIB = 2**30
SMALL = Machine(cpus=2, memory_bytes=4 * GIB)


@pytest.mark.parametrize(("millis", "refused"), [(10, False), (2000, False), (2001, True), (64000, True)])
def test_more_cpus_than_the_engine_has_are_refused(millis: int, refused: bool) -> None:
    assert bool(list(faults([ReplicaLimits("big", millis, GIB)], "dev", SMALL))) is refused


def test_a_fault_names_the_field_the_limit_and_the_line_for_this_environment() -> None:
    replica_limits = [
        ReplicaLimits("small", 500, GIB),
        ReplicaLimits("big", 4000, GIB),
        ReplicaLimits("odd", 2500, GIB),
    ]
    big, odd = faults(replica_limits, "dev", SMALL)
    assert big == (
        "services.big.resources.cpu: 4 is more than the 2 CPUs of this Docker engine; for this environment "
        "only, set services.big.environments.dev.resources.cpu to 2 or less"
    )
    assert odd.startswith("services.odd.resources.cpu: 2.5 is more than")
    assert "than the 1 CPU of" in next(faults(replica_limits, "dev", Machine(1, GIB)))


def test_more_memory_than_there_is_is_warned_of() -> None:
    assert list(warnings([ReplicaLimits("big", 1, 4 * GIB)], "dev", SMALL)) == []
    assert list(faults([ReplicaLimits("big", 1, 64 * GIB)], "dev", SMALL)) == []
    [said] = warnings([ReplicaLimits("big", 1, 64 * GIB)], "dev", SMALL)
    assert said.startswith(
        "services.big.resources.memory: 64 GiB is more than the 4 GiB of this Docker engine"
    )
    assert said.endswith("services.big.environments.dev.resources.memory")


@pytest.mark.parametrize(
    "printed", ["", "{}", "2", "Cannot connect", '{"NCPU": 0, "MemTotal": 0}', '{"NCPU": 2}']
)
def test_an_answer_that_says_nothing_is_invalid(printed: str) -> None:
    assert read(printed) is None
    assert read('{"NCPU": 2, "MemTotal": 4294967296, "Name": "here"}\n') == SMALL
