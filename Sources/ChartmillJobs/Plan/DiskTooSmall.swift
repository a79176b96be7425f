/// The job probably needs more disk space than is free. Nothing was written.
package struct DiskTooSmall: Error, Sendable, Equatable {
  package let need: DiskNeed

  package init(need: DiskNeed) {
    self.need = need
  }
}
