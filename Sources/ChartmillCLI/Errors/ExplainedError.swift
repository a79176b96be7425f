/// An error that a command can end with. The errors of each layer hold facts only; their words and
/// exit codes are in this folder, and nowhere else.
protocol ExplainedError: Error {
  var exitStatus: ExitStatus { get }
  func explanation(_ context: ErrorContext) -> Explanation
}

/// An error in words: the file, the place in it, the limit; and what to do.
struct Explanation {
  let problem: String
  let advice: String?

  init(_ problem: String, _ advice: String?) {
    self.problem = problem
    self.advice = advice
  }

  /// Explains an error of any layer. One without words is a fault of this program.
  init(_ error: any Error, _ context: ErrorContext = ErrorContext()) {
    if let error = error as? any ExplainedError {
      self = error.explanation(context)
    } else {
      self.init("unexpected error: \(error)", "This is a bug in chartmill: please report it.")
    }
  }

  /// The lines for standard error.
  var lines: String {
    "chartmill: \(problem)\n" + (advice.map { "  \($0)\n" } ?? "")
  }
}

let whyMinimumMemory =
  "the program, its stacks, gzip and sort buffers need most of that"
