"""What firms and buyers do when they meet an institution: apply, bid, move in, exhibit, visit."""
