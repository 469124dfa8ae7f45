"""Research partnership (产学研合作): associations, institutes and universities work with firms of the place."""
