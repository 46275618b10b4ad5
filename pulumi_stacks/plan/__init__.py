"""What runs in one environment, decided: a context becomes a DeploymentPlan."""
