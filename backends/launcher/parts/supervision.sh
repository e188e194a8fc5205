# ------------------------------------------------------------------ supervision
# What systemd does around a service and no supervisor here does alone: all processes of the
# service are ended together (KillMode=), and only then the restart delay begins.

