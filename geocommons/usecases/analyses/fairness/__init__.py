"""What people have, compared: between groups, from the least to the most, and place by place."""
