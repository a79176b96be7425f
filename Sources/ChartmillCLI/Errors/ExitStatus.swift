/// The exit codes, numbered as in sysexits(3). `--help` lists this table; each error has one of them.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case usage = 64
  case data = 65
  case noInput = 66
  case software = 70
  case cannotCreate = 73
  case inputOutput = 74
  case locked = 75
  case interrupted = 130
  case terminated = 143

  /// The code of an error; one without a code is a fault of this program.
  init(of error: any Error) {
    self = (error as? any ExplainedError)?.exitStatus ?? .software
  }

  var code: Int32 { rawValue }

  var meaning: String {
    switch self {
    case .done: "done: the outputs are complete"
    case .usage: "a mistake in the flags, or a budget too small"
    case .data: "bad data: corrupt gzip, too many bad rows, a day twice or missing"
    case .noInput: "no logs, a log that cannot be opened, no kept rollups, or no such chart"
    case .software: "a fault of this program: please report it"
    case .cannotCreate: "a folder or file cannot be made, or must not be written over"
    case .inputOutput: "reading or writing failed, or the disk is full"
    case .locked: "another run is writing in the output folder; try again later"
    case .interrupted: "stopped by SIGINT (Ctrl-C)"
    case .terminated: "stopped by SIGTERM"
    }
  }
}
