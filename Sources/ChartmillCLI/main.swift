internal import ChartmillSystem
internal import Glibc

// If a reader goes away (`| head`), `write` fails with an error, and no signal ends the process.
signal(SIGPIPE, SIG_IGN)
// The same holds for a file over the limit (`ulimit -f`). A signal would leave staged files behind.
signal(SIGXFSZ, SIG_IGN)
ProcessMemory.keepHeapSmall()
exit(EntryPoint.run(ArgumentVector.ofProcess))
