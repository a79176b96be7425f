/// An error that the command can end with. Each layer's errors hold facts only; their words and exit
/// codes are in this folder, and nowhere else.
protocol ExplainedError: Error {
  var exitStatus: ExitStatus { get }
  func explanation(_ context: ErrorContext) -> Explanation
}

/// An error in words: which file, where in it, which limit; and what to do.
struct Explanation {
  let problem: String
  let advice: String?

  init(_ problem: String, _ advice: String?) {
    self.problem = problem
    self.advice = advice
  }

  /// For an error of any layer. One without words is a fault of this program.
  init(_ error: any Error, _ context: ErrorContext = ErrorContext()) {
    if let error = error as? any ExplainedError {
      self = error.explanation(context)
    } else {
      self.init("unexpected error: \(error)", "Please report this.")
    }
  }

  /// For standard error, with line ends.
  var lines: String {
    "chartmill: \(problem)\n" + (advice.map { "  \($0)\n" } ?? "")
  }
}

let whyLeastMemory =
  "the program, its stacks, gzip states and sort buffers alone need most of that"
