run_pre_start() { :; }

