/// The exit codes, numbered as in sysexits(3). `--help` lists this table; each error has one of
/// these codes.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case usage = 64
  case data = 65
  case noInput = 66
  case software = 70
  case cannotCreate = 73
  case inputOutput = 74
  case tryAgain = 75
  case interrupted = 130
  case terminated = 143

  /// The code of an error. An error without a code is a bug in this program.
  init(of error: any Error) {
    self = (error as? any ExplainedError)?.exitStatus ?? .software
  }

  var code: Int32 { rawValue }

  var meaning: String {
    switch self {
    case .done: "success: the outputs are complete"
    case .usage: "wrong usage: a mistake in the flags, or --memory is too small"
    case .data: "bad data: damaged logs, too many bad rows, duplicate or missing days"
    case .noInput: "no input: no logs, no kept rollups, no such chart, or no permission"
    case .software: "a bug in chartmill: please report it"
    case .cannotCreate: "an output cannot be created, or would replace another file"
    case .inputOutput: "reading or writing failed, or a disk is full"
    case .tryAgain: "a folder is in use, or charts were replaced: try again, or add --wait"
    case .interrupted: "stopped by SIGINT (Ctrl-C)"
    case .terminated: "stopped by SIGTERM"
    }
  }
}
