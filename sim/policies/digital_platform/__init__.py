"""Digital platform (数字化平台): a county's shared service for buying, selling, moving, borrowing and learning."""
