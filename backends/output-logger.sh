#!/bin/sh
# To syslog (logger(1)).
exec logger -t {{ service | sh }} -p daemon.info
