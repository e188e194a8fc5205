//! systemd's reading of `EnvironmentFile=` and its splitting of `$NAME` words.
