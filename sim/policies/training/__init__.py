"""Industry academy and training (培训、产业学院): workers of the cluster learn, and stay for a time."""
