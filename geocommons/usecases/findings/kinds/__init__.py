"""What each kind of analysis found, a file each. None knows another."""
