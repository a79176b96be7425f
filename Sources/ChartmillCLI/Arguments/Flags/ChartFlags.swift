internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillSystem

extension Flag {
  static let out = Flag(
    "out", .folder, in: .output, "Folder for the charts, created if missing.")
  static let format = Flag(
    "format", .word("NAME", of: ChartFormat.allCases.map(\.rawValue)), in: .output,
    "Format of charts: text, csv or jsonl. Default: text.")
  static let perCountry = Flag(
    "per-country", in: .output, "Also write each country's chart to its own file.")
  static let compress = Flag("compress", in: .output, "Compress the charts with gzip.")
  static let top = Flag(
    "top", .number(example: 50), in: .output, "Songs per chart, 1 to 1000. Default: 50.")

  /// For commands that read published charts.
  static let charts = Flag("charts", .folder, in: .input, "Folder of published charts.")
  static let songFile = Flag(
    "songs", .file, in: .input,
    "Show the titles in FILE: CSV with the columns \(SongTitles.heading), may be gzip.")
  static let history = Flag(
    "history", in: .output,
    "Also show each song's peak rank, and on how many dates of the folder it was in the chart.")
  static let publishedDate = date.explained("Date of the charts. Default: the newest one.")
  static let user = Flag(
    "user", .number("ID", example: 42), in: .input, "Show the chart of this user.")
  static let country = Flag(
    "country", .text("CC"), in: .input, "Show the chart of this country.")
}

extension FlagGroup {
  /// The form of published charts.
  static let chartForm: [Flag] = [.format, .perCountry, .compress, .top]
}

extension ParsedArguments {
  func charts() throws -> ChartOptions {
    var encoding = ChartEncoding()
    encoding.format = try choice(.format, ChartFormat.self) ?? encoding.format
    encoding.compresses = has(.compress)
    let top = try integer(.top, in: ChartOptions.topRange) ?? ChartOptions.defaultTop
    return ChartOptions(top: top, encoding: encoding)
  }

  func output(in folder: String) -> OutputOptions {
    OutputOptions(folder: folder, writesEachCountry: has(.perCountry))
  }

  /// - Parameter folder: where the charts are published.
  func chartRequest(_ source: LogSource, outputFolder folder: String) throws -> ChartRequest {
    ChartRequest(
      source: source, window: try windowRules(), charts: try charts(),
      maxBadRows: try maxBadRows(), rejectsFile: try rejectsFile(), rows: try rowRules(),
      output: output(in: folder), resources: try resources(), waits: has(.wait),
      settings: try settings())
  }

  func user() throws -> UInt64? {
    try integer(.user, in: 0...Int.max).map { UInt64($0) }
  }
}
