"""The expert pool (专家库): who may be drawn into evaluation committees."""
