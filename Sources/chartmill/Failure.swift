internal import Chartmill

/// Why the command ends with a code other than 0.
enum Failure: Error {
  /// A mistake in the arguments.
  case usage(UsageError)
  case job(JobError)
  case charts(ChartsError)
  /// The charts were published, and their metrics cannot be written.
  case metrics(SystemError)
  /// Standard output cannot be written: the errno.
  case standardOutput(Int32)

  /// Runs `body`, which reads published charts.
  static func reading<Result>(
    _ body: () throws(ChartsError) -> Result
  ) throws(Failure) -> Result {
    do {
      return try body()
    } catch {
      throw .charts(error)
    }
  }

  var exitCode: Int32 {
    switch self {
    case .usage: ExitStatus.usage.code
    case .job(let error): error.exitCode
    case .charts(let error): error.exitCode
    case .metrics, .standardOutput: ExitStatus.inputOutput.code
    }
  }
}

/// A mistake in the arguments: what is wrong, naming flag and value, and what to write instead.
struct UsageError: Error, Equatable {
  var problem: String
  var fix: String
  /// Whose help to point to; nil for the help of all.
  var command: Command?
}
