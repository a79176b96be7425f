internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

extension ChartsError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .noManifest, .noUser, .noCountry: .noInput
    case .badManifest, .differs: .data
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .noManifest(let folder, let date):
      Explanation(
        "no manifest" + (date.map { " of \($0)" } ?? "") + " in \(quoted(folder))",
        "Charts are complete if and only if their manifest is there: make them with "
          + "'chartmill run\(date.map { " --date \($0)" } ?? "")'.")
    case .noUser(let user, let dates):
      Explanation(
        "no chart of user \(user) at \(days(dates))",
        "Users without a stream in the window have none.")
    case .noCountry(let country, let dates):
      Explanation(
        "no chart of \(country) at \(days(dates))",
        "Countries without a stream in the window have none.")
    case .badManifest(let path, .malformed(let key)):
      Explanation(
        "\(SafeText(path)): not a manifest" + (key.isEmpty ? "" : ", at '\(SafeText(key))'"), nil)
    case .badManifest(let path, .unknownFormat(let format)):
      Explanation("\(SafeText(path)): a manifest of another version, format \(format)", nil)
    case .differs(let difference):
      Explanation(
        "\(SafeText(difference.path))\(difference.place): \(difference.problem.text)", Self.advice)
    }
  }

  static let advice = "The charts are not what was published; run the date again."
}

extension ChartDifference {
  fileprivate var place: String {
    guard let line else { return "" }
    return start == 0 ? ":\(line)" : ": line \(line) from byte \(start)"
  }
}

extension ChartDifference.Problem {
  fileprivate var text: String {
    switch self {
    case .missing: "the manifest names this file, and it is not there"
    case .bytes(let found, let expected):
      "\(counted(found, "byte")), where the manifest says \(grouped(expected))"
    case .checksum(let found, let expected):
      "its CRC-32 is \(found), where the manifest says \(SafeText(expected))"
    case .lines(let found, let expected):
      "\(counted(found, "line")), where the manifest says \(grouped(expected))"
    case .entries(let found, let expected):
      "charts of \(grouped(found)) users or countries, where the manifest says \(grouped(expected))"
    case .missingHeader: "the line that names the columns is missing"
    case .noLineEnd: "the last line has no end"
    case .lineTooLong(let most): "a line of more than \(grouped(most)) bytes"
    case .syntax(let column): "not a line of a chart, from column \(column)"
    case .keyOrder: "out of order: it belongs before the line above"
    case .repeatedKey: "the same key as in the line above"
    case .songOrder(let place): "song \(place) of the chart belongs before the one above it"
    case .repeatedSong(let song): "song \(song) is twice in the chart"
    case .songs(let found, let most): "\(found) songs or more, where \(most) are the most"
    case .otherUser(let name): "not the user of the same line of \(SafeText(name))"
    case .streams(let found, let most):
      "\(found) streams in all charts, of only \(grouped(most)) rows"
    case .countryStreams(let listed, let all):
      "\(counted(listed, "stream")) in the chart, which cannot be of the \(grouped(all)) "
        + "that the manifest says"
    case .usersByStreams: "not the users by streams that the manifest says"
    case .partitionStart(let partition):
      "partition \(partition) does not begin where the manifest says"
    case .missingKey(let key): "no line of \(key), to which another of the files leads"
    case .manifest(let key): "'\(SafeText(key))' does not fit the rest"
    }
  }
}
