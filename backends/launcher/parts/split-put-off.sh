split_sections() { put_off; } # defined further on

