"""`python -m govcore` is the same as `trading`."""

from govcore.cli import main

main()
