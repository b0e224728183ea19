"""Lists of gains: their rows, marks and filters, in the words of the programme. Pure: answers in."""
