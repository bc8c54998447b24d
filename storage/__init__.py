"""What the hub keeps: messages, jobs, dossiers, replies, papers, partners and the journal."""


class StoreUnavailable(Exception):
    """The database cannot be reached, is locked, full or failing: nothing may be assumed kept.

    Raised out of `Store.read()` and `Store.write()`; the same call may succeed later.
    """
