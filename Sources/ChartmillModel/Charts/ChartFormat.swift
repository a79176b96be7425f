/// How charts are written: one line per chart, one row per song, or one object per chart.
package enum ChartFormat: String, CaseIterable, Codable, Sendable {
  /// `42|sng:n,sng:n`, and `42|FR`.
  case text
  /// `42,1,sng,n` under a header, and `42,FR`.
  case csv
  /// `{"user_id":42,"chart":[{"sng_id":1,"streams":2}]}`, and `{"user_id":42,"country":"FR"}`.
  case jsonl

  /// The ending of a file name.
  package var ending: String {
    switch self {
    case .text: ".txt"
    case .csv: ".csv"
    case .jsonl: ".jsonl"
    }
  }
}
