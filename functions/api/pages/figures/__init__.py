"""One figure in full: the words, the sum and the drawings of an organisation's opportunity. Pure: answers in."""
