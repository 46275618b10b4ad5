"""The Pulumi program: deploys the system that cn.yaml describes."""

from pulumi_stacks.program import main

main("../cn.yaml")
