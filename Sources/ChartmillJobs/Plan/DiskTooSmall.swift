/// The job is estimated to need more space than there is; nothing was written.
package struct DiskTooSmall: Error, Sendable, Equatable {
  package let need: DiskNeed

  package init(need: DiskNeed) {
    self.need = need
  }
}
