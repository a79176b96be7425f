/// The two halves of a rollup.
package enum RecordKind: Int, CaseIterable, Sendable {
  /// group: the user's quotient; item: the song; attribute: the country.
  case user
  /// group: the country; item: the song's quotient; no attribute.
  case country
}

/// Which of a partition's runs: its kind, and whether its ids are outliers.
///
/// One absurd id that is still a number must not make every other record wide. So the few rows
/// whose ids do not fit the packed keys of their segment are kept, sorted and written apart, in
/// outlier runs, and join the others again when charts are made.
package struct SortedRunClass: Hashable, Sendable {
  package let kind: RecordKind
  let isOutlier: Bool

  package init(kind: RecordKind, isOutlier: Bool) {
    self.kind = kind
    self.isOutlier = isOutlier
  }

  /// In the order of a segment's runs.
  package static let all = RecordKind.allCases.flatMap {
    [SortedRunClass(kind: $0, isOutlier: false), SortedRunClass(kind: $0, isOutlier: true)]
  }

  package var index: Int { 2 * kind.rawValue + (isOutlier ? 1 : 0) }
}
