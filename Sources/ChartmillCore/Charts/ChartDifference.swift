/// A difference between a published file and what it should contain.
package struct ChartDifference: Sendable, Equatable {
  package enum Problem: Error, Sendable, Equatable {
    /// The manifest names a file that does not exist.
    case missing
    case bytes(found: Int, expected: Int)
    case checksum(found: String, expected: String)
    case lines(found: Int, expected: Int)
    /// The number of charts, which is the number of users or countries.
    case entries(found: Int, expected: Int)
    case noLineEnd
    /// The first line of a CSV file is not its header.
    case missingHeader
    /// A line is longer than `max` bytes, the limit for `top` songs.
    case lineTooLong(max: Int)
    /// The line is not in the format; `column` is the first wrong byte, from 1.
    case syntax(column: Int)
    /// The key does not come after the key of the previous line.
    case keyOrder
    case repeatedKey
    /// The song at `place`, from 1, has more streams than the previous song, or the same number and
    /// a smaller id.
    case songOrder(place: Int)
    case repeatedSong(UInt64)
    case songs(found: Int, max: Int)
    /// The line at the same place in the other user file belongs to a different user, or does not
    /// exist.
    case otherUser(in: String)
    /// All charts together count more streams than there were rows.
    case streams(found: UInt64, max: Int)
    /// The streams listed in a country's chart contradict the country's total: they exceed it, or
    /// the chart is not full and they do not equal it.
    case countryStreams(listed: Int, all: Int)
    /// The histogram of users by streams is impossible for these user charts.
    case usersByStreams
    /// The line at the offset where the manifest says that a partition begins does not belong to a
    /// user of that partition.
    case partitionStart(Int)
    /// Another file implies a line for this key, but there is none.
    case missingKey(String)
    /// A value of the manifest contradicts the rest of it; `key` is its dotted path.
    case manifest(key: String)
  }

  package var path: String
  /// The line number, from 1; nil if the difference is not in one line.
  package var line: Int?
  /// The offset from which lines were counted: 0, or the start of a partition.
  package var start: Int
  package var problem: Problem

  package init(path: String, line: Int? = nil, start: Int = 0, problem: Problem) {
    self.path = path
    self.line = line
    self.start = start
    self.problem = problem
  }
}
