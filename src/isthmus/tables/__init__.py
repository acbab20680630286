"""A column's name, type, unit, range, reference and meaning; tables read, checked all at once, written, hashed."""
