/// Where published files are not what they must be.
package struct ChartDifference: Sendable, Equatable {
  package enum Problem: Error, Sendable, Equatable {
    /// The manifest names the file, and it is not there.
    case missing
    case bytes(found: Int, expected: Int)
    case checksum(found: String, expected: String)
    case lines(found: Int, expected: Int)
    /// Users or countries.
    case entries(found: Int, expected: Int)
    case noLineEnd
    /// The first line of a CSV file is another than its names of columns.
    case missingHeader
    /// Over what a line of `top` songs can have, in bytes.
    case lineTooLong(most: Int)
    /// Not as the format writes it; the column, from 1, where it goes wrong.
    case syntax(column: Int)
    /// The key does not come after the key of the line before.
    case keyOrder
    case repeatedKey
    /// More streams than the song before, or as many and no larger id; `place` from 1.
    case songOrder(place: Int)
    case repeatedSong(UInt64)
    case songs(found: Int, most: Int)
    /// The line at the same place in the other user file is of another user, or there is none.
    case otherUser(in: String)
    /// All charts together count more streams than there were rows.
    case streams(found: UInt64, most: Int)
    /// The songs of a country's chart have other streams than its own, of which they are a part, or,
    /// in a chart that is not full, all.
    case countryStreams(listed: Int, all: Int)
    /// Other numbers of users by streams than the user charts can be of.
    case usersByStreams
    /// No user of the partition has a line where the manifest says that its lines begin.
    case partitionStart(Int)
    /// A key that another file leads to has no line here.
    case missingKey(String)
    /// A value of the manifest that does not fit the rest of it: its dotted path.
    case manifest(key: String)
  }

  package var path: String
  /// From 1; nil when it is the file as a whole.
  package var line: Int?
  /// The byte of the file from which lines were counted, that of a partition's beginning perhaps.
  package var start: Int
  package var problem: Problem

  package init(path: String, line: Int? = nil, start: Int = 0, problem: Problem) {
    self.path = path
    self.line = line
    self.start = start
    self.problem = problem
  }
}
