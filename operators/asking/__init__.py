"""What operators see of models: prompts, requests and answers, and the protocols that resources keep."""
