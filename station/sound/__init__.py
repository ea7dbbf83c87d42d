"""What the worker hears where no browser makes the sounds: a player that the station starts."""
