scan() { put_off; } # defined further on

