"""Other machines join the Swarm from here, over SSH: looked at before, joined, watched until they are ready."""
