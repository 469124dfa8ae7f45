"""Investment projects (招商项目): signed is not built. What arrives becomes plants that need workers and customers."""
