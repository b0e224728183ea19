"""The web client: pages made of the API's public answers, and of nothing else."""
