"""What each analysis is asked and answers: one file a kind, listed in `catalogue`.

What several kinds share stands beside them: `service` and `walks` (sites, people and the way between them), `land`,
`offer` and `sharing` (what sites have and who shares it), `fairness` and `clusters`, `stewarded` and `river_depth`.
`queue` and `schedules` let questions wait for their turn.
"""
