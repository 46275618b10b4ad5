"""What a spec may not say beyond the types of its fields: names, routes, numbers, secrets."""
