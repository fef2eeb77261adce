"""Service ratings (好差评): people rate how they were served; bad ratings are verified, put right, asked after."""
