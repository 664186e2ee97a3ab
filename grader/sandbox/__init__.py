"""The sandbox: bubblewrap's walls, and behind them a process that forks one worker for each submission."""
