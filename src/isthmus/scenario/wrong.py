"""What is wrong with one edit, gathered before anything is raised."""


class Wrong(Exception):
    """Fields of an edit that cannot be used: (field, value, expectation) each."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, field: str, value: str, expectation: str) -> None:
        """Note one."""
        self.found.append((field, value, expectation))

    def raise_if_any(self) -> None:
        """Raise itself if something was noted."""
        if self.found:
            raise self
