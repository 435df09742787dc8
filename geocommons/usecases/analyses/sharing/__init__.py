"""What sites have to offer, and how much of it there is for each of the people near them."""
