"""Words: the English sentence is the key, the Chinese one comes from the catalogues."""

from govcore.i18n.catalogue import Catalogue, Translate

__all__ = ["Catalogue", "Translate"]
