"""What each slice asks of people: one file a subject, each a few `Source` functions over one desk."""
