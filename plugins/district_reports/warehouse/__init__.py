"""Tables made from the forms, loading and taking back, reference data, tokens, history."""
