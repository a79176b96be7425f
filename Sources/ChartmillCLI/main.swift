internal import ChartmillSystem
internal import Glibc

// A reader that goes away (`| head`) is an error of `write` instead of a signal.
signal(SIGPIPE, SIG_IGN)
// So is a file beyond the limit (`ulimit -f`): a signal would leave staged files behind.
signal(SIGXFSZ, SIG_IGN)
ProcessMemory.keepHeapSmall()
exit(EntryPoint.run(ArgumentVector.ofProcess))
