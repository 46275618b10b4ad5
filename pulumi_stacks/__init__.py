"""The model of cn.yaml, and the targets that run what it describes."""
