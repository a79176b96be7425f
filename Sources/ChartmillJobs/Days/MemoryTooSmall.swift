/// The budget is less than the minimum that the job needs. Both are in bytes.
package struct MemoryTooSmall: Error, Sendable, Equatable {
  package let budget: Int
  package let minimum: Int

  package init(budget: Int, minimum: Int) {
    self.budget = budget
    self.minimum = minimum
  }
}
