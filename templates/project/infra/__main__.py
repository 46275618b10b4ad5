"""Everything that runs is described in cn.yaml; pulumi_stacks says how."""

from pulumi_stacks.program import main

main("../cn.yaml")
