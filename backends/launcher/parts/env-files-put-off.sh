# Defined further on
take_piece() { put_off; }
take_pieces() { put_off; }
check_text() { put_off; }
drop_assignment() { put_off; }
drop_long_value() { put_off; }
count_bytes() { put_off; }

