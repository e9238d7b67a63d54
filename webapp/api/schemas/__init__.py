"""What the API takes and gives, in marshmallow: the same schemas check requests and describe the API."""
