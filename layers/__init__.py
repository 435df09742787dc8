"""The kinds of commons that come with GeoCommons: one file each, found by `geocommons.layer.all_layers`."""
