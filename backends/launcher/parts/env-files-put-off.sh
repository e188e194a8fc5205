# Defined further on
take_pieces() { put_off; }
drops() { put_off; }

