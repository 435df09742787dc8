"""What each analysis is asked and answers: one file a kind in `kinds/`, listed in `catalogue`, on rooms of parts."""
