"""The worklist 待核对: what accepted reports say against one another, found every night, answered by districts."""
