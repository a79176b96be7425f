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
        "no charts\(date.map { " for \($0)" } ?? "") in \(quoted(folder)): there is no manifest",
        date.map { "Make them: chartmill run --logs DIR --out \(shellWord(folder)) --date \($0)" }
          ?? "Is it the folder of --out? Each published date has a manifest_YYYYMMDD.json there.")
    case .noUser(let user, let dates):
      Explanation(
        "user \(user) has no chart for \(days(dates))",
        "Only users with a stream in the days of a chart have one.")
    case .noCountry(let country, let dates):
      Explanation(
        "\(country) has no chart for \(days(dates))",
        CountryList.iso3166.index(country) == nil
          ? "\(country) is not a country of ISO 3166-1. A run counts it only with --allow-country."
          : "Only countries with a stream in the days of a chart have one.")
    case .badManifest(let path, .malformed(let key)):
      Explanation(
        "\(SafeText(path)): not a valid manifest" + (key.isEmpty ? "" : ", at '\(SafeText(key))'"),
        Self.advice)
    case .badManifest(let path, .unknownFormat(let format)):
      Explanation(
        "\(SafeText(path)): a manifest of another version of Chartmill (format \(format))",
        "Read it with that version, or run the date again.")
    case .differs(let difference):
      Explanation(
        "\(SafeText(difference.path))\(difference.place): \(difference.problem.text)", Self.advice)
    }
  }

  static let advice = "The files are not as they were published. Run the date again."
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
    case .missing: "the manifest lists this file, but it does not exist"
    case .bytes(let found, let expected):
      "\(counted(found, "byte")), but the manifest says \(grouped(expected))"
    case .checksum(let found, let expected):
      "its CRC-32 is \(found), but the manifest says \(SafeText(expected))"
    case .lines(let found, let expected):
      "\(counted(found, "line")), but the manifest says \(grouped(expected))"
    case .entries(let found, let expected):
      "charts of \(grouped(found)) users or countries, but the manifest says \(grouped(expected))"
    case .missingHeader: "the first line, with the names of the columns, is missing"
    case .noLineEnd: "the last line does not end with a line feed"
    case .lineTooLong(let max): "a line is longer than \(grouped(max)) bytes"
    case .syntax(let column): "not a valid chart line, from column \(column) on"
    case .keyOrder: "out of order: this line belongs before the line above"
    case .repeatedKey: "the same user or country as in the line above"
    case .songOrder(let place): "song \(place) of the chart belongs before the one above it"
    case .repeatedSong(let song): "song \(song) is in the chart twice"
    case .songs(let found, let max): "\(found) songs or more, but a chart has at most \(max)"
    case .otherUser(let name): "not the same user as in this line of \(SafeText(name))"
    case .streams(let found, let max):
      "\(found) streams in all charts, but only \(grouped(max)) rows"
    case .countryStreams(let listed, let all):
      "\(counted(listed, "stream")) in the chart, which does not agree with the \(grouped(all)) "
        + "of the country in the manifest"
    case .usersByStreams: "its users by streams are not those of the manifest"
    case .partitionStart(let partition):
      "partition \(partition) does not begin where the manifest says"
    case .missingKey(let key): "no line for \(key), which is in another of the files"
    case .manifest(let key): "'\(SafeText(key))' does not agree with the rest of the manifest"
    }
  }
}
