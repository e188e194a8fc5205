# next_start STATUS ENDED: notes that end, and that it is started again, whatever it was.
next_start() { note_end "$2" again; }

