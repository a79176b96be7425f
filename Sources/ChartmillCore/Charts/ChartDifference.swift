/// A place at which a published file is not what it must be.
package struct ChartDifference: Sendable, Equatable {
  package enum Problem: Sendable, Equatable {
    /// The file that the manifest names does not exist.
    case missing
    case bytes(found: Int, expected: Int)
    case checksum(found: String, expected: String)
    case lines(found: Int, expected: Int)
    /// The number of users or countries is wrong.
    case entries(found: Int, expected: Int)
    /// The last line has no line end.
    case noLineEnd
    /// The first line of a CSV file is not the names of its columns.
    case missingHeader
    /// The line is longer than a line of `top` songs can be, in bytes.
    case lineTooLong(max: Int)
    /// The line is not as the format writes it from a column on, counted from 1.
    case syntax(column: Int)
    /// The key does not come after the key of the line before.
    case keyOrder
    case repeatedKey
    /// The song at a place, from 1, has more streams than the song before, or as many and no larger
    /// id.
    case songOrder(place: Int)
    case repeatedSong(UInt64)
    case songs(found: Int, max: Int)
    /// The line at the same place in the other user file is missing or is about another user.
    case otherUser(in: String)
    /// All charts together count more streams than there were accepted rows.
    case streams(found: UInt64, max: Int)
    /// The songs of a country's chart have more streams than the country, or fewer although the
    /// chart is not full.
    case countryStreams(listed: Int, all: Int)
    /// The manifest's numbers of users by streams do not fit the user charts.
    case usersByStreams
    /// The partition's lines do not begin at the byte that the manifest gives.
    case partitionStart(Int)
    /// A key that another file has is missing in this one.
    case missingKey(String)
    /// A value of the manifest does not fit its other values. The key is a dotted path.
    case manifest(key: String)
  }

  package var path: String
  /// The line number, from 1; nil for a problem of the complete file.
  package var line: Int?
  /// The byte offset in the file from which lines are counted, such as the beginning of a
  /// partition.
  package var start: Int
  package var problem: Problem

  package init(path: String, line: Int? = nil, start: Int = 0, problem: Problem) {
    self.path = path
    self.line = line
    self.start = start
    self.problem = problem
  }
}
