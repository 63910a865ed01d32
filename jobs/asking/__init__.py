"""What became of a job: asking the provider, doubting its answers, fetching what it made."""
