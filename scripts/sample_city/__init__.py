"""The parts of the made-up city: each module makes one thing of the plan, in metres around the market square."""
