"""The sandbox: bubblewrap, and inside it a fork server that forks one worker for each submission."""
