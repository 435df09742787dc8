"""Tables that name places by layer and ref: `form` takes any of them in, and a file each says what its rows mean."""
