# --------------------------------------------------------------- the arguments

# word TEXT: one argument, as it is.
word() { argument "$1$launcher_end"; }

# argument TEXT: adds TEXT to the list of arguments.
argument() {
	arguments=$arguments$1
	case ${#arguments} in ????*) ;; *) return ;; esac
	arguments_10k=$arguments_10k$arguments arguments=
	case ${#arguments_10k} in ?????*) ;; *) return ;; esac
	arguments_100k=$arguments_100k$arguments_10k arguments_10k=
	case ${#arguments_100k} in ??????*) arguments_all=$arguments_all$arguments_100k arguments_100k= ;; esac
}

