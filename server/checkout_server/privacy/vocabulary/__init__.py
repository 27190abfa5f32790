"""All that a log line may say: the declared events, the declared fields, and what may stand in each field."""
