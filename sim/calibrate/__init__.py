"""Parameters fitted to reported figures: priors, trials, emulators, posterior draws, and what checks them."""
