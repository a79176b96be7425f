internal import Glibc

/// A mistake in the arguments: what is wrong, with the flag and the value, and what to write
/// instead.
struct UsageError: Error, Equatable {
  var problem: String
  /// Nil if the problem already says what to write.
  var fix: String?
  /// The command whose help to point to; nil for the overview, `chartmill --help`.
  var command: String?
}

extension UsageError: ExplainedError {
  var exitStatus: ExitStatus { .usage }

  func explanation(_ context: ErrorContext) -> Explanation {
    let help = command.map { "chartmill \($0) --help" } ?? "chartmill --help"
    return Explanation(problem, (fix.map { "\($0)\n  " } ?? "") + "See '\(help)'.")
  }
}

/// A failure to write a file that follows the publication of the charts.
struct LateFileError: ExplainedError {
  /// What could not be written, with its verb: `the report is`.
  let subject: String
  let cause: any Error

  var exitStatus: ExitStatus { .inputOutput }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      Explanation(cause, context).problem,
      "The charts were published; only \(subject) missing.")
  }
}

/// A failure to write standard output.
struct StandardOutputError: ExplainedError {
  let errno: Int32

  var exitStatus: ExitStatus { .inputOutput }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(unsafe "cannot write standard output: \(String(cString: strerror(errno)))", nil)
  }
}
