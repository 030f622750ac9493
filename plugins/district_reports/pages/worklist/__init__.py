"""待核对: what accepted reports say against one another. Officers see both sides and rule, districts see their own."""
