"""What can be chosen: models on offer, members' defaults, and what a server allows, forbids and styles."""
