"""What writes new files: places, scenarios and workspaces, from templates."""
