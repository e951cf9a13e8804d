"""Acts of the jury: qualifying, drawing, voting, closing, second opinions."""
