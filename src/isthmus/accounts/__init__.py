"""Who gains: the account of a solved system by country, and differences of accounts."""

from isthmus.accounts.accounts import accounts_of, gains

__all__ = ["accounts_of", "gains"]
