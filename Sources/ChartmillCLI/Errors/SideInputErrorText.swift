internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

extension SideInputError: ExplainedError {
  var exitStatus: ExitStatus {
    switch problem {
    case .notARegularFile: .noInput
    case .notAUser, .noUsers, .noHeading, .openQuote, .lineTooLong, .corruptGzip,
      .changedWhileRead, .nothingRead:
      .data
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    let place = SafeText(path).description + (line.map { ":\($0)" } ?? "")
    return Explanation("\(place): \(problem.text)", context.after(problem.advice))
  }
}

extension SideInputError.Problem {
  fileprivate var text: String {
    switch self {
    case .notAUser(let text): "not a user id: '\(text)'"
    case .noUsers: "no user ids"
    case .noHeading: "the first line is not \(SongTitles.heading)"
    case .openQuote: "the quoted field that begins here has no end"
    case .lineTooLong(let max): "a line is longer than \(grouped(max)) bytes"
    case .corruptGzip(let offset, let problem): "\(problem.text) at byte \(offset)"
    case .changedWhileRead: "the file changed while it was being read"
    case .notARegularFile: "not a regular file"
    case .nothingRead: "it was empty"
    }
  }

  fileprivate var advice: String {
    switch self {
    case .noHeading: "A file of song titles is CSV with these columns, one song per line."
    case .openQuote: "A quote inside a quoted field is written twice."
    case .lineTooLong: "Is it the right file?"
    case .notAUser, .noUsers:
      "The list holds one user id per line, a number from 0 to \(Int.max)."
    case .corruptGzip: "Fetch the file again; 'gzip -t' checks it."
    case .changedWhileRead: "Try again when the file is complete."
    case .notARegularFile: "Name a file, or use '-' to read standard input."
    case .nothingRead: "Did the command before the pipe fail?"
    }
  }
}
