# ------------------------------------------------------------------- the rest
# What not every env file and not every argument needs. Nothing is put off any more.
launcher_put_off='' crashed=''

