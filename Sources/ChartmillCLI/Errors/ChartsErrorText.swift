internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText

extension ChartsError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .noManifest, .noUser, .noCountry, .noSong, .noWeekBefore, .noListedUser: .noInput
    case .badManifest, .differs: .data
    case .replaced: .tryAgain
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .noManifest(let folder, let date):
      Explanation(
        "no charts\(date.map { " for \($0)" } ?? "") in \(quoted(folder)): there is no manifest",
        date.map { "Make them: chartmill run --logs DIR --out \(shellWord(folder)) --date \($0)" }
          ?? "Is this the folder of --out? Each published date has a manifest_YYYYMMDD.json there.")
    case .noUser(let user, let dates):
      Explanation(
        "user \(user) has no chart for \(days(dates))",
        "A user has a chart only if they streamed something during its days.")
    case .noCountry(let country, let dates):
      Explanation(
        "\(country) has no chart for \(days(dates))",
        CountryList.iso3166.index(country) == nil
          ? "\(country) is not in ISO 3166-1. Its rows are counted only with --allow-country."
          : "A country has a chart only if users streamed something there during its days.")
    case .noSong(let song, let date):
      Explanation(
        "song \(song) is in no country's chart for \(date)",
        "A chart lists only the songs with the most streams. Other songs are not in the files.")
    case .noWeekBefore(let folder, let date, let newest, let earlier):
      Explanation(
        "no charts for \(date), 7 days before the newest ones, \(newest), in \(quoted(folder))",
        (earlier.map {
          "Compare with an earlier date there, for example \(Flag.with.spelling) \($0). "
        }
          ?? "")
          + "To make them: chartmill run --logs DIR --out \(shellWord(folder)) --date \(date)")
    case .noListedUser(let count, let date):
      Explanation(
        count == 1
          ? "the listed user has no chart for \(date)"
          : "none of the \(grouped(count)) listed users has a chart for \(date)",
        "Nothing was exported. Does the list hold the user ids of the logs?")
    case .replaced(let folder, let date):
      Explanation(
        "the charts for \(date) in \(quoted(folder)) were replaced while they were being read",
        context.after("Try again."))
    case .badManifest(let path, .malformed(let key)):
      Explanation(
        "\(SafeText(path)): not a valid manifest" + (key.isEmpty ? "" : ", at '\(SafeText(key))'"),
        Self.advice)
    case .badManifest(let path, .unknownFormat(let format)):
      Explanation(
        "\(SafeText(path)): this manifest was written by another version of Chartmill "
          + "(format \(format))",
        "Read it with that version, or rerun that date.")
    case .differs(let difference):
      Explanation(
        "\(SafeText(difference.path))\(difference.place): \(difference.problem.text)", Self.advice)
    }
  }

  static let advice =
    "The files have changed since they were published. Rerun that date to replace them."
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
      "has charts for \(grouped(found)) users or countries, but the manifest says "
        + "\(grouped(expected))"
    case .missingHeader: "the first line, with the names of the columns, is missing"
    case .noLineEnd: "the last line does not end with a line feed"
    case .lineTooLong(let max): "a line is longer than \(grouped(max)) bytes"
    case .syntax(let column): "not a valid chart line, from column \(column) on"
    case .keyOrder: "out of order: this line belongs before the line above"
    case .repeatedKey: "the same user or country as in the line above"
    case .songOrder(let place): "song \(place) of the chart belongs before the song above it"
    case .repeatedSong(let song): "song \(song) is in the chart twice"
    case .songs(let found, let max): "\(found) songs or more, but a chart has at most \(max)"
    case .otherUser(let name): "the same line of \(SafeText(name)) is for a different user"
    case .streams(let found, let max):
      "the charts list \(found) streams in total, but the manifest has only \(grouped(max)) rows"
    case .countryStreams(let listed, let all):
      "the chart lists \(counted(listed, "stream")), but the manifest gives this country "
        + "\(grouped(all))"
    case .usersByStreams:
      "the numbers of users per stream bucket differ from the manifest's (usersByStreams)"
    case .partitionStart(let partition):
      "partition \(partition) does not begin where the manifest says"
    case .missingKey(let key): "no line for \(key), although another file has one"
    case .manifest(let key): "'\(SafeText(key))' does not agree with the rest of the manifest"
    }
  }
}
