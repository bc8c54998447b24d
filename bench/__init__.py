"""Speed and memory, as ratios against what the machine itself does in the same run."""
