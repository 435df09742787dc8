"""Every kind of analysis, a file each: its question, and what answers it. None knows another."""
