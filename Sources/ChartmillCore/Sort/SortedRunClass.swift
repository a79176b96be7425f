/// The two halves of a rollup: records by user, and the same rows as records by country.
package enum RecordKind: Int, CaseIterable, Sendable {
  /// The group is the user's quotient, the item is the song, and the attribute is the country.
  case user
  /// The group is the country, the item is the song's quotient, and the attribute is always 0.
  case country
}

/// The class of a sorted run: the kind of its records, and whether their ids are outliers.
///
/// A single huge but valid id must not make every other record wide. So the few rows whose ids do
/// not fit the packed keys of their segment are kept, sorted and written separately, as outlier
/// runs. Charting reads them together with the main runs.
package struct SortedRunClass: Hashable, Sendable {
  package let kind: RecordKind
  let isOutlier: Bool

  package init(kind: RecordKind, isOutlier: Bool) {
    self.kind = kind
    self.isOutlier = isOutlier
  }

  /// All classes, in the order of a segment's runs.
  package static let all = RecordKind.allCases.flatMap {
    [SortedRunClass(kind: $0, isOutlier: false), SortedRunClass(kind: $0, isOutlier: true)]
  }

  /// The position in `all`.
  package var index: Int { 2 * kind.rawValue + (isOutlier ? 1 : 0) }
}
