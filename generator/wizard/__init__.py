"""The wizard: questions and answers to a system that is ready to be written. The only part that prompts."""
