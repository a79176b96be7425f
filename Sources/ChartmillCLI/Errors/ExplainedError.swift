/// An error that a command can end with. The errors of each layer hold only facts; their texts and
/// exit codes are all in this folder.
protocol ExplainedError: Error {
  var exitStatus: ExitStatus { get }
  func explanation(_ context: ErrorContext) -> Explanation
}

/// An error in words: the file, the place in the file, the limit, and what to do.
struct Explanation {
  let problem: String
  let advice: String?

  init(_ problem: String, _ advice: String?) {
    self.problem = problem
    self.advice = advice
  }

  /// Explains an error of any layer. An error without an explanation is a bug in this program.
  init(_ error: any Error, _ context: ErrorContext = ErrorContext()) {
    if let error = error as? any ExplainedError {
      self = error.explanation(context)
    } else {
      self.init("unexpected error: \(error)", "This is a bug in chartmill: please report it.")
    }
  }

  /// The same error, with the variables that the flags in its text come from.
  func naming(_ arguments: ParsedArguments?) -> Explanation {
    let text = [problem, advice ?? ""].joined(separator: " ")
    let origins = arguments?.origins(ofFlagsIn: text) ?? []
    let lines = origins + (advice.map { [$0] } ?? [])
    return Explanation(problem, lines.isEmpty ? nil : lines.joined(separator: "\n  "))
  }

  /// The lines for standard error.
  var lines: String {
    "chartmill: \(problem)\n" + (advice.map { "  \($0)\n" } ?? "")
  }
}

let whyMinimumMemory =
  "the program, its stacks, gzip and sort buffers need most of that"
