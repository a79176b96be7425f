/// Names that may have been meant as logs of the window, but are not read.
package struct OverlookedNames: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    /// A log or a kept rollup whose date is more than one day ahead of the clock.
    case future = "dated in the future"
    /// A name that is similar to that of a log.
    case nearMiss = "almost named like a log"
  }

  package let kind: Kind
  package let names: NameExamples

  package init(_ kind: Kind, _ names: NameExamples) {
    self.kind = kind
    self.names = names
  }
}
