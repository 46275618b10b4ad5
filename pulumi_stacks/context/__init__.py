"""A Spec with every default filled in and every derived value computed: what templates and plans read."""
