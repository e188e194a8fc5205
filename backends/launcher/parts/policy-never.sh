# again STATUS: whether it is started again after that end.
again() { return 1; }

