/// The format of chart files: one line per chart, one row per song, or one JSON object per chart.
package enum ChartFormat: String, CaseIterable, Codable, Sendable {
  /// Charts as `42|sng:n,sng:n`, user countries as `42|FR`.
  case text
  /// Charts as `42,1,sng,n`, user countries as `42,FR`, both after a header.
  case csv
  /// Charts as `{"user_id":42,"chart":[{"sng_id":1,"streams":2}]}`, user countries as
  /// `{"user_id":42,"country":"FR"}`.
  case jsonl

  /// The ending of the name of an uncompressed file.
  package var ending: String {
    switch self {
    case .text: ".txt"
    case .csv: ".csv"
    case .jsonl: ".jsonl"
    }
  }
}
