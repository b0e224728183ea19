"""A sample programme of prescribing: fictional practices in networks and boards, under a method of its own."""
