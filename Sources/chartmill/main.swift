internal import Glibc

// A reader that goes away (`| head`) is an error of `write`, not a signal.
signal(SIGPIPE, SIG_IGN)
exit(Front.run(ArgumentVector.ofProcess))
