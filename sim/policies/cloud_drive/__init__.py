"""Cloud drive (企业上云与数字化车间): a county asks firms to join the cloud, and counts digital workshops."""
