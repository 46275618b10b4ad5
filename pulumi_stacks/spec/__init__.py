"""The bytes of a cn.yaml become a Spec, or all its faults with line and column."""
